// gpio.c: machine.Pin on the GPIO registers. Pin("A5"), modes IN, OUT, OPEN_DRAIN; PULL_UP, PULL_DOWN; irq() by EXTI.
#include "py/runtime.h"
#include "py/mphal.h"
#include "extmod/virtpin.h"

#define MODER       0x00
#define OTYPER      0x04
#define PUPDR       0x0C
#define LINES       16
// RM0351 14.6 and 9.2.3: which port drives a line, and what it does with an edge. The first 16 lines are pins.
#define EXTICR(n)   REG(0x40010008 + 4 * ((n) / 4))
#define EXTI_MASK   REG(0x40010400)
#define EXTI_RISE   REG(0x40010408)
#define EXTI_FALL   REG(0x4001040C)
#define EXTI_PENDING REG(0x40010414)
enum { RISING = 1, FALLING = 2 };

extern const mp_obj_type_t machine_pin_type;
MP_REGISTER_ROOT_POINTER(mp_obj_t pin_handlers[16]);
MP_REGISTER_ROOT_POINTER(mp_obj_t pin_objects[16]);

mp_hal_pin_obj_t mp_hal_get_pin_obj(mp_obj_t o) {
    if (!mp_obj_is_type(o, &machine_pin_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("Pin"));
    }
    return MP_OBJ_TO_PTR(o);
}

static void set_field(mp_hal_pin_obj_t p, int offset, int width, uint32_t value) {
    uint32_t shift = p->pin * width, mask = (1u << width) - 1;
    GPIO(p, offset) = (GPIO(p, offset) & ~(mask << shift)) | (value << shift);
}

void gpio_configure(mp_hal_pin_obj_t p, int mode, int open_drain, int pull) {
    set_field(p, OTYPER, 1, open_drain);
    if (pull >= 0) {
        set_field(p, PUPDR, 2, pull);
    }
    set_field(p, MODER, 2, mode);
}

static mp_obj_t pin_init(size_t n, const mp_obj_t *pos, mp_map_t *kw) {
    enum { MODE, PULL, VALUE };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_mode, MP_ARG_INT, {.u_int = -1} },
        { MP_QSTR_pull, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_hal_pin_obj_t p = MP_OBJ_TO_PTR(pos[0]);
    mp_arg_parse_all(n - 1, pos + 1, kw, MP_ARRAY_SIZE(allowed), allowed, args);
    if (args[VALUE].u_obj != mp_const_none) {
        mp_hal_pin_write(p, mp_obj_is_true(args[VALUE].u_obj));
    }
    if (args[MODE].u_int >= 0) {
        int pull = args[PULL].u_obj == mp_const_none ? 0 : mp_obj_get_int(args[PULL].u_obj);
        gpio_configure(p, args[MODE].u_int & 1, args[MODE].u_int >> 1, pull);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_init_obj, 1, pin_init);

// "A5" or "PA5" -> port 0, pin 5.
static void pin_named(machine_pin_obj_t *p, mp_obj_t name) {
    size_t length;
    const char *text = mp_obj_str_get_data(name, &length);
    if (length > 2 && *text == 'P') {
        text++;
    }
    unsigned number = 0;
    const char *digit = text + 1;
    for (; *text && *digit >= '0' && *digit <= '9' && number < LINES; ++digit) {
        number = number * 10 + *digit - '0';
    }
    if (*text < 'A' || *text > 'H' || *digit || digit == text + 1 || number >= LINES) {
        mp_raise_ValueError(MP_ERROR_TEXT("pin name"));
    }
    p->port = *text - 'A';
    p->pin = number;
}

static mp_obj_t pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 3, true);
    mp_obj_t pos[3] = { args[0] };
    if (!mp_obj_is_type(args[0], &machine_pin_type)) {
        machine_pin_obj_t *p = mp_obj_malloc(machine_pin_obj_t, type);
        pin_named(p, args[0]);
        pos[0] = MP_OBJ_FROM_PTR(p);
    }
    for (size_t i = 1; i < n_args; ++i) {
        pos[i] = args[i];
    }
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, args + n_args);
    pin_init(n_args, pos, &kw);
    return pos[0];
}

static mp_obj_t pin_call(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_hal_pin_obj_t p = MP_OBJ_TO_PTR(self);
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(mp_hal_pin_read(p));
    }
    mp_hal_pin_write(p, mp_obj_is_true(args[0]));
    return mp_const_none;
}

static mp_obj_t pin_value(size_t n, const mp_obj_t *args) {
    return pin_call(args[0], n - 1, 0, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_on(mp_obj_t self) {
    mp_hal_pin_obj_t p = MP_OBJ_TO_PTR(self);
    mp_hal_pin_high(p);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_on_obj, pin_on);

static mp_obj_t pin_off(mp_obj_t self) {
    mp_hal_pin_obj_t p = MP_OBJ_TO_PTR(self);
    mp_hal_pin_low(p);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_off_obj, pin_off);

// EXTI0 to 4 have interrupts of their own (6 to 10), lines 5 to 9 share 23, lines 10 to 15 share 40.
static uint32_t line_irq(uint32_t line) {
    return line < 5 ? 6 + line : line < 10 ? 23 : 40;
}

void gpio_handler(void) {
    uint32_t due = EXTI_PENDING & EXTI_MASK & 0xFFFF;
    EXTI_PENDING = due;
    for (int line = 0; line < LINES; ++line) {
        mp_obj_t handler = MP_STATE_PORT(pin_handlers)[line];
        if ((due >> line & 1) && handler != MP_OBJ_NULL && handler != mp_const_none) {
            mp_sched_schedule(handler, MP_STATE_PORT(pin_objects)[line]);
        }
    }
}

void gpio_reset(void) {
    EXTI_MASK &= ~0xFFFFu;
    for (int line = 0; line < LINES; ++line) {
        MP_STATE_PORT(pin_handlers)[line] = MP_STATE_PORT(pin_objects)[line] = MP_OBJ_NULL;
    }
}

// irq(handler=None, trigger=both): handler(pin) runs by the scheduler, soon after the edge. None ends it.
static mp_obj_t pin_irq(size_t n, const mp_obj_t *pos, mp_map_t *kw) {
    enum { HANDLER, TRIGGER };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_handler, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_trigger, MP_ARG_INT, {.u_int = RISING | FALLING} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_hal_pin_obj_t p = MP_OBJ_TO_PTR(pos[0]);
    mp_arg_parse_all(n - 1, pos + 1, kw, MP_ARRAY_SIZE(allowed), allowed, args);
    uint32_t bit = 1u << p->pin, shift = p->pin % 4 * 4, irq = line_irq(p->pin);
    EXTI_MASK &= ~bit;
    MP_STATE_PORT(pin_handlers)[p->pin] = args[HANDLER].u_obj;
    MP_STATE_PORT(pin_objects)[p->pin] = pos[0];
    if (args[HANDLER].u_obj != mp_const_none) {
        EXTICR(p->pin) = (EXTICR(p->pin) & ~(0xFu << shift)) | (uint32_t)p->port << shift;
        EXTI_RISE = args[TRIGGER].u_int & RISING ? EXTI_RISE | bit : EXTI_RISE & ~bit;
        EXTI_FALL = args[TRIGGER].u_int & FALLING ? EXTI_FALL | bit : EXTI_FALL & ~bit;
        EXTI_PENDING = bit;
        EXTI_MASK |= bit;
        REG(0xE000E100 + 4 * (irq / 32)) = 1u << (irq % 32);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_irq_obj, 1, pin_irq);

static mp_uint_t pin_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t arg, int *errcode) {
    mp_hal_pin_obj_t p = MP_OBJ_TO_PTR(self);
    if (request == MP_PIN_READ) {
        return mp_hal_pin_read(p);
    }
    if (request == MP_PIN_WRITE) {
        mp_hal_pin_write(p, arg);
        return 0;
    }
    return -1;
}
static const mp_pin_p_t pin_protocol = { .ioctl = pin_ioctl };

static void pin_print(const mp_print_t *print, mp_obj_t self, mp_print_kind_t kind) {
    mp_hal_pin_obj_t p = MP_OBJ_TO_PTR(self);
    mp_printf(print, "Pin('%c%u')", 'A' + p->port, p->pin);
}

static const mp_rom_map_elem_t pin_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pin_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&pin_value_obj) },
    { MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&pin_on_obj) },
    { MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&pin_off_obj) },
    { MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&pin_irq_obj) },
    { MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(0) },
    { MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(3) },
    { MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(2) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(RISING) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(FALLING) },
};
static MP_DEFINE_CONST_DICT(pin_dict, pin_table);

MP_DEFINE_CONST_OBJ_TYPE(machine_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE, make_new, pin_make_new, print, pin_print,
    call, pin_call, protocol, &pin_protocol, locals_dict, &pin_dict);
