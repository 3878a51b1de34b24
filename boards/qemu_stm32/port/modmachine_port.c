// modmachine_port.c: included by extmod/modmachine.c.
extern const mp_obj_type_t machine_pin_type;
void mp_hal_set_time_ns(uint64_t ns);

// machine.set_epoch(seconds since 2000): what RTC().datetime() does on a stock image.
static mp_obj_t machine_set_epoch(mp_obj_t seconds) {
    mp_hal_set_time_ns((uint64_t)mp_obj_get_int_truncated(seconds) * 1000000000ULL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_set_epoch_obj, machine_set_epoch);

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type) }, \
    { MP_ROM_QSTR(MP_QSTR_set_epoch), MP_ROM_PTR(&machine_set_epoch_obj) },

static void mp_machine_idle(void) {
    wait_event(1);
}

static void mp_machine_reset(void) {
    REG(0xE000ED0C) = 0x05FA0004;       // AIRCR, SYSRESETREQ (ARMv7-M B3.2.6)
    for (;;) {
    }
}

static mp_int_t mp_machine_reset_cause(void) {
    return 0;
}
