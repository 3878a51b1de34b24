// main.c: reset, vectors, heap; then _boot.py (frozen), which starts the terminal where there is a bench, or else leaves to the prompt. A fault
// prints one line and ends the emulator with status 70, an exception that nobody caught with 71.
#include "py/compile.h"
#include "py/runtime.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/builtin.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "extmod/vfs.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"
#include "prelink.h"
#include "usart.h"

enum { FAULT = 70, UNCAUGHT = 71 };
#define STACK_GUARD 1024

extern uint32_t _sstack, _estack, _sidata, _sdata, _edata, _sbss, _ebss;
static uint32_t gc_heap[HEAP / 4];
void SysTick_Handler(void);
void clock_start(void);
void gpio_handler(void);
void gpio_reset(void);
void stack_paint(void);
int main(void);

void Reset_Handler(void) __attribute__((naked, noreturn));
void Reset_Handler(void) {
    __asm volatile ("ldr r0, =_estack\n mov sp, r0");
    for (uint32_t *from = &_sidata, *to = &_sdata; to < &_edata;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &_sbss; to < &_ebss;) {
        *to++ = 0;
    }
    REG(0xE000ED88) |= 0xFu << 20;      // CPACR: the FPU on
    main();
    for (;;) {
    }
}

static void Fault_Handler(void) {
    mp_printf(&mp_plat_print, "\nFATAL: fault, CFSR=%08x\n", (unsigned)REG(0xE000ED28));
    bench_exit(FAULT);
}

static void Irq_Handler(void) {
    uint32_t exception;
    __asm volatile ("mrs %0, ipsr" : "=r" (exception));
    uint32_t irq = exception - 16;
    if ((irq >= 6 && irq <= 10) || irq == 23 || irq == 40) {
        gpio_handler();
    } else {
        usart_handler(irq);
    }
}

#define R4(h)  h, h, h, h
#define R16(h) R4(h), R4(h), R4(h), R4(h)
__attribute__((section(".isr_vector"), used)) void *const isr_vector[16 + 96] = {
    &_estack, Reset_Handler, Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler, 0, 0, 0, 0,
    Fault_Handler, Fault_Handler, 0, Fault_Handler, SysTick_Handler,
    R16(Irq_Handler), R16(Irq_Handler), R16(Irq_Handler), R16(Irq_Handler), R16(Irq_Handler), R16(Irq_Handler),
};

#if PRODUCTION
// _boot.py, which never comes back; if it does, this is the end, not a prompt. There are no files, so none can be imported or opened.
static void one_life(void) {
    pyexec_frozen_module("_boot.py", false);
    bench_exit(UNCAUGHT);
}

mp_import_stat_t mp_import_stat(const char *path) {
    return MP_IMPORT_STAT_NO_EXIST;
}

static mp_obj_t no_files(size_t n, const mp_obj_t *args, mp_map_t *named) {
    mp_raise_OSError(MP_ENODEV);
}
MP_DEFINE_CONST_FUN_OBJ_KW(mp_builtin_open_obj, 1, no_files);
#else
// _boot.py; main.py of the files (the frozen one is the terminal's), but for a tool that asked for the raw prompt; then the prompt until it is left.
static void one_life(void) {
    pyexec_frozen_module("_boot.py", false);
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && (pyexec_file_if_exists("/main.py") & PYEXEC_FORCED_EXIT)) {
        return;
    }
    while ((pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl()) == 0) {
    }
}
#endif

int main(void) {
    REG(0x4002104C) = 0xFF;             // RCC: GPIOA to H,
    REG(0x40021058) = 0xFFFFFFFF;       // USART2 to 5,
    REG(0x4002105C) = 1;                // LPUART1,
    REG(0x40021060) = 0xFFFFFFFF;       // USART1 and SYSCFG have clocks
    REG(0xE000ED08) = (uint32_t)&isr_vector;        // VTOR
    usart_clock();
    clock_start();
    stack_paint();
    mp_cstack_init_with_top(&_estack, (uint8_t *)&_estack - (uint8_t *)&_sstack - STACK_GUARD);
    for (;;) {
        gc_init(gc_heap, (char *)gc_heap + sizeof(gc_heap));
        prelink_fill_heap();
        mp_init();
        prelink_register();
        gpio_reset();
        usart_on(0, 115200);
        #if MICROPY_VFS_ROM_IOCTL
        mp_vfs_mount_romfs_protected();
        #endif
        one_life();
        mp_printf(&mp_plat_print, "MPY: soft reboot\n");
        for (int n = 1; n < USARTS; ++n) {
            usart_off(n);
        }
        gc_sweep_all();
        mp_deinit();
    }
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    for (int n = 1; n < USARTS; ++n) {
        gc_collect_root((void **)&usart_received[n].buf, 1);
    }
    prelink_roots();
    gc_collect_end();
}

void nlr_jump_fail(void *value) {
    mp_printf(&mp_plat_print, "FATAL: an exception that nobody caught\n");
    bench_exit(UNCAUGHT);
}
