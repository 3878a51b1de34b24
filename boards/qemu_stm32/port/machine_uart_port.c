// machine_uart_port.c: included by extmod/machine_uart.c. UART(1) to UART(6) are USART1 to 6; the first is the REPL's. irq() knows RX-idle.
#include "py/mperrno.h"
#include "usart.h"

enum { RXIDLE = 1 };
#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS { MP_ROM_QSTR(MP_QSTR_IRQ_RXIDLE), MP_ROM_INT(RXIDLE) },

typedef struct _machine_uart_obj_t {
    mp_obj_base_t base;
    uint8_t n;
    uint16_t timeout, timeout_char;
    uint32_t baud;
} machine_uart_obj_t;

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "UART(%u, baudrate=%u, overruns=%u)", self->n + 1, (unsigned)self->baud, (unsigned)usart_overruns[self->n]);
}

static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t n_args, const mp_obj_t *pos, mp_map_t *kw) {
    enum { BAUD, BITS, PARITY, STOP, TIMEOUT, TIMEOUT_CHAR, RXBUF, TX, RX };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_baudrate, MP_ARG_INT, {.u_int = 115200} },
        { MP_QSTR_bits, MP_ARG_INT, {.u_int = 8} },
        { MP_QSTR_parity, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_stop, MP_ARG_INT, {.u_int = 1} },
        { MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_timeout_char, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_rxbuf, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 256} },
        { MP_QSTR_tx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_rx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos, kw, MP_ARRAY_SIZE(allowed), allowed, args);
    if (args[BAUD].u_int < 300 || usart_divider(self->n, args[BAUD].u_int) < (self->n == LPUART ? 768 : 16)) {
        mp_raise_ValueError(MP_ERROR_TEXT("baudrate"));
    }
    self->baud = args[BAUD].u_int;
    self->timeout = args[TIMEOUT].u_int;
    self->timeout_char = args[TIMEOUT_CHAR].u_int;
    if (self->n) {
        ringbuf_t ring = { 0 };
        ringbuf_alloc(&ring, args[RXBUF].u_int + 1);
        uint32_t state = disable_irq();
        usart_received[self->n] = ring;
        enable_irq(state);
        usart_on(self->n, self->baud);
    }
}

static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    int number = mp_obj_get_int(args[0]);
    if (number < 1 || number > USARTS) {
        mp_raise_ValueError(MP_ERROR_TEXT("UART id"));
    }
    machine_uart_obj_t *self = mp_obj_malloc(machine_uart_obj_t, type);
    self->n = number - 1;
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, args + n_args);
    mp_machine_uart_init_helper(self, n_args - 1, args + 1, &kw);
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_uart_deinit(machine_uart_obj_t *self) {
    if (self->n) {
        usart_off(self->n);
    }
}

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self) {
    return ringbuf_avail(&usart_received[self->n]);
}

static bool mp_machine_uart_txdone(machine_uart_obj_t *self) {
    return usart_sent(self->n);
}

static mp_uint_t uart_irq_trigger(mp_obj_t self_in, mp_uint_t trigger) {
    return 0;                           // there is one trigger; irq() with another handler changes what it does
}

static mp_uint_t uart_irq_info(mp_obj_t self_in, mp_uint_t asked) {
    return RXIDLE;
}

static const mp_irq_methods_t uart_irq_methods = { .trigger = uart_irq_trigger, .info = uart_irq_info };

// irq(handler=None, trigger=IRQ_RXIDLE): handler(uart) by the scheduler, once the line has been idle for a millisecond or two after data.
static mp_irq_obj_t *mp_machine_uart_irq(machine_uart_obj_t *self, bool any_args, mp_arg_val_t *args) {
    mp_irq_obj_t *irq = MP_STATE_PORT(usart_irqs)[self->n];
    if (irq == NULL || irq->parent != MP_OBJ_FROM_PTR(self)) {
        irq = mp_irq_new(&uart_irq_methods, MP_OBJ_FROM_PTR(self));
    }
    if (any_args) {
        if (args[MP_IRQ_ARG_INIT_trigger].u_int & ~RXIDLE || args[MP_IRQ_ARG_INIT_hard].u_bool) {
            mp_raise_ValueError(MP_ERROR_TEXT("IRQ_RXIDLE, and not hard"));
        }
        irq->handler = args[MP_IRQ_ARG_INIT_handler].u_obj;
        MP_STATE_PORT(usart_irqs)[self->n] = irq;
    }
    return irq;
}

static mp_uint_t mp_machine_uart_read(mp_obj_t self_in, void *buf, mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    uint8_t *to = buf;
    mp_uint_t got = 0, since = mp_hal_ticks_ms(), limit = self->timeout;
    while (got < size) {
        int c = ringbuf_get(&usart_received[self->n]);
        if (c != -1) {
            to[got++] = c;
            since = mp_hal_ticks_ms();
            limit = self->timeout_char;
        } else if (mp_hal_ticks_ms() - since >= limit) {
            break;
        } else {
            mp_event_wait_ms(1);
        }
    }
    if (got == 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return got;
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self_in, const void *buf, mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    usart_send(self->n, buf, size);
    return size;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (request == MP_STREAM_POLL) {
        mp_uint_t is = arg & MP_STREAM_POLL_WR;
        if ((arg & MP_STREAM_POLL_RD) && ringbuf_avail(&usart_received[self->n])) {
            is |= MP_STREAM_POLL_RD;
        }
        return is;
    }
    if (request == MP_STREAM_FLUSH) {
        while (!usart_sent(self->n)) {
            mp_event_handle_nowait();
        }
        return 0;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}
