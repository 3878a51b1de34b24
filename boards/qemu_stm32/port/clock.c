// clock.c: time from SysTick, to the microsecond, and waits that cost the host little. Under -icount an instruction is 8 ns of the world's time.
#include "py/mphal.h"
#include "py/runtime.h"
#include "usart.h"

// ARMv7-M B3.3: SysTick's control, reload and count; ICSR, where bit 26 tells that its tick is due and bit 25 takes that back.
#define ST_CTRL     REG(0xE000E010)
#define ST_LOAD     REG(0xE000E014)
#define ST_COUNT    REG(0xE000E018)
#define ICSR        REG(0xE000ED04)
#define TICK_DUE    (ICSR & (1u << 26))
#define COUNTING    7
#define STOPPED     6
#define HERTZ       4000000u            // MSI after reset, RM0351 6.2.3
#define PER_MS      (HERTZ / 1000u)
#define PER_US      (HERTZ / 1000000u)
#define DOZE_US     1000                // shorter waits are counted through: WFI takes QEMU some 200 us of its own time
#define TURN_NS     16                  // of the counting loop: two instructions

static volatile uint32_t ms;
static uint64_t epoch_ns = 820454400000000000ULL;   // 2026-01-01 until set; the epoch is 2000, as on stock STM32 and ESP32 images

void SysTick_Handler(void) {
    ms++;
    usart_tick();
}

void clock_start(void) {
    ST_LOAD = PER_MS - 1;
    ST_COUNT = 0;
    ST_CTRL = COUNTING;
}

// Counts into the millisecond. The tick comes when the counter reaches 0, so 0 is the first count of the next one, not the last of this.
static inline uint32_t into_ms(uint32_t count) {
    return count ? PER_MS - count : 0;
}

static uint64_t now_us(void) {
    uint32_t state = disable_irq(), count = ST_COUNT, whole = ms;
    if (TICK_DUE) {
        count = ST_COUNT;
        whole++;
    }
    enable_irq(state);
    return (uint64_t)whole * 1000 + into_ms(count) / PER_US;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return ms;
}

mp_uint_t mp_hal_ticks_us(void) {
    return now_us();
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return now_us();
}

uint64_t mp_hal_time_ns(void) {
    return epoch_ns + now_us() * 1000;
}

void mp_hal_set_time_ns(uint64_t ns) {
    epoch_ns = ns - now_us() * 1000;
}

// Stops the CPU until an interrupt, or until SysTick has counted `counts` down (24 bits at most), and keeps `ms` exact. Interrupts are off here.
// Where the next tick matters to somebody, until that.
static void doze(uint32_t counts) {
    if (usart_awaits_tick()) {
        __asm volatile ("wfi");
        return;
    }
    ST_CTRL = STOPPED;
    uint32_t sum = into_ms(ST_COUNT);
    if (TICK_DUE) {                     // let it be counted first
        ST_CTRL = COUNTING;
        return;
    }
    ST_LOAD = counts;
    ST_COUNT = 0;
    ST_CTRL = COUNTING;
    __asm volatile ("wfi");             // PRIMASK is set: an interrupt wakes, its handler runs later
    ST_CTRL = STOPPED;
    uint32_t count = ST_COUNT;
    sum += count ? counts - count : 0;
    if (TICK_DUE) {
        sum += counts;
        ICSR = 1u << 25;
    }
    ms += sum / PER_MS;
    ST_LOAD = PER_MS - sum % PER_MS;
    ST_COUNT = 0;
    ST_CTRL = COUNTING;
    while (ST_COUNT == 0) {             // until it has reloaded: a reader would take 0 for a new millisecond
    }
    ST_LOAD = PER_MS - 1;               // the next reload is a whole millisecond again
}

// Until an interrupt, or about so long. A long wait stretches SysTick to its 24 bits, so an idle hour is some thousand wake-ups.
void wait_event(int timeout_ms) {
    uint32_t state = disable_irq();
    if (MP_STATE_VM(sched_state) != MP_SCHED_PENDING) {
        const uint32_t most = 0xFFFFFF / PER_MS - 2;
        uint32_t n = timeout_ms < 0 || (uint32_t)timeout_ms > most ? most : (uint32_t)timeout_ms;
        if (n < 3) {
            __asm volatile ("wfi");
        } else {
            doze(n * PER_MS - into_ms(ST_COUNT));       // to a whole millisecond
        }
    }
    enable_irq(state);
}

void mp_hal_delay_ms(mp_uint_t duration) {
    uint64_t end = now_us() + (uint64_t)duration * 1000, now;
    while ((now = now_us()) < end) {
        mp_handle_pending(true);
        if (end - now > 1000) {
            wait_event((end - now) / 1000);
        }
    }
}

// To the microsecond, at the least cost to the host: doze through long waits, count through short ones, look at the clock at the end.
void mp_hal_delay_us(mp_uint_t duration) {
    uint64_t end = now_us() + duration, now;
    while ((now = now_us()) < end) {
        uint32_t left = end - now > 4000000 ? 4000000 : (uint32_t)(end - now);
        if (left > DOZE_US) {
            uint32_t state = disable_irq();
            doze((left - 20) * PER_US);
            enable_irq(state);
        } else if (left > 8) {
            for (uint32_t n = (left - 4) * 1000 / TURN_NS; n; --n) {
                __asm volatile ("");
            }
        }
    }
}
