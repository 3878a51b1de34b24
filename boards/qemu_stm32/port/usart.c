// usart.c: bytes of the USARTs, received by interrupt into a ring; the REPL's standard input and output on the first. A full ring loses what
// comes, and counts it.
#include "py/stream.h"
#include "py/runtime.h"
#include "usart.h"

#define CR1(b)      REG((b) + 0x00)
#define BRR(b)      REG((b) + 0x0C)
#define ISR(b)      REG((b) + 0x1C)
#define RDR(b)      REG((b) + 0x24)
#define TDR(b)      REG((b) + 0x28)
#define ON          (1u | 4u | 8u)      // UE, RE, TE
#define RECEIVED    0x20u               // RXNE, and RXNEIE in CR1
#define FREE        0x80u               // TXE
#define HERTZ       4000000u

static const uint8_t irqs[USARTS] = USART_IRQS;
static const uint32_t bases[USARTS] = USART_BASES;
static uint8_t stdin_bytes[260];
ringbuf_t usart_received[USARTS];
uint32_t usart_overruns[USARTS];

void usart_on(int n, uint32_t baud) {
    if (n == 0) {
        usart_received[0].buf = stdin_bytes;
        usart_received[0].size = sizeof(stdin_bytes);
    }
    CR1(bases[n]) = 0;
    BRR(bases[n]) = HERTZ / baud;       // the emulated line has no speed; a chip's would
    CR1(bases[n]) = ON;
    CR1(bases[n]) = ON | RECEIVED;
    REG(0xE000E100 + 4 * (irqs[n] / 32)) = 1u << (irqs[n] % 32);
}

void usart_off(int n) {
    CR1(bases[n]) = 0;
    usart_received[n].buf = NULL;
}

void usart_handler(uint32_t irq) {
    for (int n = 0; n < USARTS; ++n) {
        while (irqs[n] == irq && (ISR(bases[n]) & RECEIVED)) {
            uint8_t c = RDR(bases[n]);
            if (n == 0 && c == mp_interrupt_char) {
                mp_sched_keyboard_interrupt();
            } else if (usart_received[n].buf == NULL || ringbuf_put(&usart_received[n], c) < 0) {
                usart_overruns[n]++;
            }
        }
    }
}

void usart_send(int n, const uint8_t *data, size_t size) {
    while (size--) {
        while (!(ISR(bases[n]) & FREE)) {
        }
        TDR(bases[n]) = *data++;
    }
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
