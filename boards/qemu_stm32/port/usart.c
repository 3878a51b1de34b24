// usart.c: bytes of the USARTs, received by interrupt into a ring; the REPL's standard input and output on the first. A full ring loses what
// comes, and counts it. The emulated chip knows no idle line, so that is told by the clock's tick. In a production build the first only sends:
// its receiver stays off.
#include "py/stream.h"
#include "py/runtime.h"
#include "shared/runtime/mpirq.h"
#include "usart.h"

#define CR1(b)      REG((b) + 0x00)
#define BRR(b)      REG((b) + 0x0C)
#define ISR(b)      REG((b) + 0x1C)
#define RDR(b)      REG((b) + 0x24)
#define TDR(b)      REG((b) + 0x28)
#define ON          (1u | 4u | 8u)      // UE, RE, TE
#define ONLY_SENDS  (1u | 8u)
#define RECEIVED    0x20u               // RXNE, and RXNEIE in CR1
#define FREE        0x80u               // TXE
#define SENT        0x40u               // TC
#define HERTZ       16000000u           // HSI16, RM0351 6.4.26: CCIPR
#define IDLE_TICKS  2                   // so many ticks of a millisecond without a byte: the line is idle

MP_REGISTER_ROOT_POINTER(struct _mp_irq_obj_t *usart_irqs[6]);
static const uint8_t irqs[USARTS] = USART_IRQS;
static const uint32_t bases[USARTS] = USART_BASES;
static uint8_t stdin_bytes[260];
ringbuf_t usart_received[USARTS];
uint32_t usart_overruns[USARTS];
static volatile uint8_t idle_in[USARTS];        // ticks until the line counts as idle
static volatile uint8_t awaited;                // a bit for each line that somebody waits for

void usart_clock(void) {
    REG(0x40021000) |= 1u << 8;                 // HSION,
    REG(0x40021088) = 0xAAA;                    // and all six run on it
}

uint32_t usart_divider(int n, uint32_t baud) {
    uint64_t hertz = n == LPUART ? 256ull * HERTZ : HERTZ;
    return (hertz + baud / 2) / baud;
}

void usart_on(int n, uint32_t baud) {
    if (n == 0) {
        usart_received[0].buf = stdin_bytes;
        usart_received[0].size = sizeof(stdin_bytes);
    }
    CR1(bases[n]) = 0;
    BRR(bases[n]) = usart_divider(n, baud);
    if (PRODUCTION && n == 0) {
        CR1(bases[n]) = ONLY_SENDS;
        return;
    }
    CR1(bases[n]) = ON;
    CR1(bases[n]) = ON | RECEIVED;
    REG(0xE000E100 + 4 * (irqs[n] / 32)) = 1u << (irqs[n] % 32);
}

void usart_off(int n) {
    CR1(bases[n]) = 0;
    usart_received[n].buf = NULL;
    awaited &= ~(1u << n);
    MP_STATE_PORT(usart_irqs)[n] = NULL;
}

#if MICROPY_KBD_EXCEPTION
static bool interrupts(uint8_t c) {
    if (c == mp_interrupt_char) {
        mp_sched_keyboard_interrupt();
    }
    return c == mp_interrupt_char;
}
#else
static bool interrupts(uint8_t c) {
    return false;
}
void mp_hal_set_interrupt_char(int c) {
}
#endif

void usart_handler(uint32_t irq) {
    for (int n = 0; n < USARTS; ++n) {
        while (irqs[n] == irq && (ISR(bases[n]) & RECEIVED)) {
            uint8_t c = RDR(bases[n]);
            if (n == 0 && interrupts(c)) {
                continue;
            }
            if (usart_received[n].buf == NULL || ringbuf_put(&usart_received[n], c) < 0) {
                usart_overruns[n]++;
            }
            if (MP_STATE_PORT(usart_irqs)[n]) {
                idle_in[n] = IDLE_TICKS;
                awaited |= 1u << n;
            }
        }
    }
}

void usart_tick(void) {
    for (int n = 0; awaited >> n; ++n) {
        if ((awaited >> n & 1) && --idle_in[n] == 0) {
            awaited &= ~(1u << n);
            mp_irq_handler(MP_STATE_PORT(usart_irqs)[n]);
        }
    }
}

bool usart_awaits_tick(void) {
    return awaited != 0;
}

void usart_send(int n, const uint8_t *data, size_t size) {
    while (size--) {
        while (!(ISR(bases[n]) & FREE)) {
        }
        TDR(bases[n]) = *data++;
    }
}

bool usart_sent(int n) {
    return ISR(bases[n]) & SENT;
}

uintptr_t mp_hal_stdio_poll(uintptr_t asked) {
    uintptr_t is = asked & MP_STREAM_POLL_WR;
    if ((asked & MP_STREAM_POLL_RD) && ringbuf_peek(&usart_received[0]) != -1) {
        is |= MP_STREAM_POLL_RD;
    }
    return is;
}

int mp_hal_stdin_rx_chr(void) {
    int c;
    while ((c = ringbuf_get(&usart_received[0])) == -1) {
        mp_event_wait_indefinite();
    }
    return c;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t size) {
    usart_send(0, (const uint8_t *)text, size);
    return size;
}
