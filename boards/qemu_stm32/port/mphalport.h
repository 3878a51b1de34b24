// mphalport.h: registers, interrupts off and on, and the pin interface that extmod's SoftI2C and SoftSPI use.
#pragma once
#include <stdbool.h>
#include "py/mpconfig.h"
#include "py/obj.h"
#include "shared/runtime/interrupt_char.h"

#define REG(address) (*(volatile uint32_t *)(address))

static inline mp_uint_t disable_irq(void) {
    mp_uint_t state;
    __asm volatile ("mrs %0, primask\n cpsid i" : "=r" (state) :: "memory");
    return state;
}
static inline void enable_irq(mp_uint_t state) {
    __asm volatile ("msr primask, %0" :: "r" (state) : "memory");
}
#define MICROPY_BEGIN_ATOMIC_SECTION()      disable_irq()
#define MICROPY_END_ATOMIC_SECTION(state)   enable_irq(state)
#define MICROPY_PY_PENDSV_ENTER             uint32_t atomic_state = disable_irq()
#define MICROPY_PY_PENDSV_EXIT              enable_irq(atomic_state)

void wait_event(int timeout_ms);
#define MICROPY_INTERNAL_WFE(timeout_ms)    wait_event(timeout_ms)
void mp_hal_set_interrupt_char(int c);
void bench_exit(int status) __attribute__((noreturn));

#define mp_hal_delay_us_fast                mp_hal_delay_us
#define mp_hal_quiet_timing_enter()         disable_irq()
#define mp_hal_quiet_timing_exit(state)     enable_irq(state)

typedef struct _machine_pin_obj_t {
    mp_obj_base_t base;
    uint8_t port, pin;
} machine_pin_obj_t;
#define mp_hal_pin_obj_t const machine_pin_obj_t *

// RM0351 8.4: MODER 0, OTYPER 4, PUPDR 0Ch, IDR 10h, BSRR 18h; a port every 400h.
#define GPIO(p, offset)                     REG(0x48000000 + 0x400 * (p)->port + (offset))
mp_hal_pin_obj_t mp_hal_get_pin_obj(mp_obj_t o);
void gpio_configure(mp_hal_pin_obj_t p, int mode, int open_drain, int pull);
#define MP_HAL_PIN_FMT                      "%u"
#define mp_hal_pin_name(p)                  ((p)->port * 16u + (p)->pin)
#define mp_hal_pin_input(p)                 gpio_configure(p, 0, 0, -1)
#define mp_hal_pin_output(p)                gpio_configure(p, 1, 0, -1)
#define mp_hal_pin_open_drain(p)            gpio_configure(p, 1, 1, 1)
#define mp_hal_pin_high(p)                  (GPIO(p, 0x18) = 1u << (p)->pin)
#define mp_hal_pin_low(p)                   (GPIO(p, 0x18) = 0x10000u << (p)->pin)
#define mp_hal_pin_od_high(p)               mp_hal_pin_high(p)
#define mp_hal_pin_od_low(p)                mp_hal_pin_low(p)
#define mp_hal_pin_read(p)                  ((GPIO(p, 0x10) >> (p)->pin) & 1)
#define mp_hal_pin_write(p, v)              ((v) ? mp_hal_pin_high(p) : mp_hal_pin_low(p))
