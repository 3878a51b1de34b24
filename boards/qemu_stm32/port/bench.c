// bench.c: the module `bench`: the host's files by semihosting, the bench's bus over two of them, and the way out of the emulator. A host
// read stops the virtual CPU until the host has answered, so a transaction costs the target no time that depends on the host. A board in
// somebody's hand has no such module. OSError where the bench has gone.
#include <string.h>
#include "py/runtime.h"
#include "py/stream.h"
#include "py/objarray.h"
#include "py/mperrno.h"
#include "py/gc.h"
#include "py/smallint.h"
#include "extmod/vfs.h"
#include "py/mphal.h"

// Arm's semihosting, numbers of its operations (IHI 0040, "Semihosting operations").
enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_SEEK = 0x0A, SYS_EXIT_EXTENDED = 0x20 };
#define APPLICATION_EXIT 0x20026

static int ask_host(int operation, const void *block) {
    register int r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = block;
    __asm volatile ("bkpt 0xAB" : "+r" (r0) : "r" (r1) : "memory");
    return r0;
}

void bench_exit(int status) {
    uint32_t block[2] = { APPLICATION_EXIT, status };
    for (;;) {
        ask_host(SYS_EXIT_EXTENDED, block);
    }
}

// open(path, mode) -> file number. Modes as in C's fopen by number: 1 "rb", 3 "r+b", 5 "wb".
static mp_obj_t bench_open(mp_obj_t path, mp_obj_t mode) {
    size_t length;
    const char *name = mp_obj_str_get_data(path, &length);
    uint32_t block[3] = { (uint32_t)name, mp_obj_get_int(mode), length };
    int file = ask_host(SYS_OPEN, block);
    if (file < 0) {
        mp_raise_OSError(MP_ENOENT);
    }
    return MP_OBJ_NEW_SMALL_INT(file);
}
static MP_DEFINE_CONST_FUN_OBJ_2(bench_open_obj, bench_open);

static mp_obj_t bench_close(mp_obj_t file) {
    uint32_t block[1] = { mp_obj_get_int(file) };
    return MP_OBJ_NEW_SMALL_INT(ask_host(SYS_CLOSE, block));
}
static MP_DEFINE_CONST_FUN_OBJ_1(bench_close_obj, bench_close);

static mp_obj_t bench_seek(mp_obj_t file, mp_obj_t to) {
    uint32_t block[2] = { mp_obj_get_int(file), mp_obj_get_int(to) };
    return MP_OBJ_NEW_SMALL_INT(ask_host(SYS_SEEK, block));
}
static MP_DEFINE_CONST_FUN_OBJ_2(bench_seek_obj, bench_seek);

// write(file, bytes), readinto(file, buffer) -> how many passed.
static mp_obj_t transfer(int operation, mp_obj_t file, mp_obj_t buffer, int access) {
    mp_buffer_info_t b;
    mp_get_buffer_raise(buffer, &b, access);
    uint32_t block[3] = { mp_obj_get_int(file), (uint32_t)b.buf, b.len };
    return MP_OBJ_NEW_SMALL_INT(b.len - ask_host(operation, block));
}
static mp_obj_t bench_write(mp_obj_t file, mp_obj_t buffer) {
    return transfer(SYS_WRITE, file, buffer, MP_BUFFER_READ);
}
static MP_DEFINE_CONST_FUN_OBJ_2(bench_write_obj, bench_write);
static mp_obj_t bench_readinto(mp_obj_t file, mp_obj_t buffer) {
    return transfer(SYS_READ, file, buffer, MP_BUFFER_WRITE);
}
static MP_DEFINE_CONST_FUN_OBJ_2(bench_readinto_obj, bench_readinto);

static int bus_out = -1, bus_in = -1;

static void put(const void *data, size_t size) {
    uint32_t block[3] = { bus_out, (uint32_t)data, size };
    if (size && ask_host(SYS_WRITE, block)) {
        mp_raise_OSError(MP_EPIPE);
    }
}

static void get(void *to, size_t size) {
    uint8_t *at = to;
    while (size) {
        uint32_t block[3] = { bus_in, (uint32_t)at, size };
        size_t left = ask_host(SYS_READ, block);
        if (left >= size) {
            mp_raise_OSError(MP_EPIPE);
        }
        at += size - left;
        size = left;
    }
}

// The heap and the stack as they are, for whoever measures.
extern uint32_t _sstack, _estack;
#define PAINT 0xA5C3A5C3u
enum { HELLO = 0x01, IDLE = 0x02, MEMORY = 0x08, TURN = 0x09, ASKED_FOR_MEMORY = 2, ASKED_FOR_TURNS = 4, OWN_TIME = 8, GAUGE_EACH = 4 };
#define LOOK_MS 20                      // in its own time, how often a target that waits looks at the bench at least
typedef struct { uint8_t op, unit; uint16_t size; uint32_t tick, a, b; } request_t;
typedef struct { uint8_t status, edge; uint16_t size; uint32_t wait, quiet; uint16_t ready, value; } reply_t;
static uint8_t asked_for;

void stack_paint(void) {
    uint32_t top;
    __asm volatile ("mov %0, sp" : "=r" (top));
    for (uint32_t at = (uint32_t)&_sstack; at < top - 64; at += 4) {
        REG(at) = PAINT;
    }
}

static uint32_t stack_most(void) {
    uint32_t low = (uint32_t)&_sstack, top = (uint32_t)&_estack;
    while (low < top && REG(low) == PAINT) {
        low += 4;
    }
    return top - low;
}

// Tell the bench, where it asked for that: bytes free after a collection, the largest free piece, the most of the stack so far.
static void tell_memory(void) {
    gc_info_t info;
    gc_collect();
    gc_info(&info);
    uint32_t most = stack_most();
    request_t request = { MEMORY, 0, sizeof(most), mp_hal_ticks_us() & (MICROPY_PY_TIME_TICKS_PERIOD - 1), info.free,
        info.max_free * MICROPY_BYTES_PER_GC_BLOCK };
    reply_t reply;
    put(&request, sizeof(request));
    put(&most, sizeof(most));
    get(&reply, sizeof(reply));
}

// turn(): the loop begins another turn; told to the bench where it asked for that.
static mp_obj_t bench_turn(void) {
    if (asked_for & ASKED_FOR_TURNS) {
        request_t request = { TURN, 0, 0, mp_hal_ticks_us() & (MICROPY_PY_TIME_TICKS_PERIOD - 1), 0, 0 };
        reply_t reply;
        put(&request, sizeof(request));
        get(&reply, sizeof(reply));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(bench_turn_obj, bench_turn);

// Wait here, not in the bench: until something is scheduled by an interrupt, or about so long. An emulator that waits for its bench hears
// neither its lines nor its pins.
static void wait_in_own_time(uint32_t us) {
    mp_uint_t began = mp_hal_ticks_ms(), most = us > LOOK_MS * 1000 ? LOOK_MS : us / 1000;
    while (MP_STATE_VM(sched_state) != MP_SCHED_PENDING && mp_hal_ticks_ms() - began < most) {
        wait_event(most);
    }
}

// trade(said, op, unit, a, b, out, into) -> value: one operation of the bus (docs/bus.md), start to end, so that it costs the target some
// microseconds and not a hundred of bytecode. Sends the tick with it, waits until the reply is true, leaves [status, edge, ready, quiet us].
static mp_obj_t bench_trade(size_t n, const mp_obj_t *arg) {
    static uint8_t calls;
    if ((asked_for & ASKED_FOR_MEMORY) && ++calls % GAUGE_EACH == 0) {
        tell_memory();
    }
    request_t request = {
        mp_obj_get_int(arg[1]), mp_obj_get_int(arg[2]), 0, 0, mp_obj_get_int(arg[3]), mp_obj_get_int(arg[4]) };
    reply_t reply;
    mp_buffer_info_t out = { 0 }, into = { 0 };
    size_t said_size;
    mp_obj_t *said;
    if (arg[5] != mp_const_none) {
        mp_get_buffer_raise(arg[5], &out, MP_BUFFER_READ);
    }
    if (arg[6] != mp_const_none) {
        mp_get_buffer_raise(arg[6], &into, MP_BUFFER_WRITE);
    }
    mp_obj_get_array(arg[0], &said_size, &said);
    if (said_size != 4 || out.len > 0xFFFF) {
        mp_raise_ValueError(MP_ERROR_TEXT("trade"));
    }
    if (request.op == IDLE && (asked_for & OWN_TIME)) {
        wait_in_own_time(request.a);
        request.a = 0;
    }
    mp_uint_t asked = mp_hal_ticks_us();
    request.size = out.len;
    request.tick = asked & (MICROPY_PY_TIME_TICKS_PERIOD - 1);
    put(&request, sizeof(request));
    put(out.buf, out.len);
    get(&reply, sizeof(reply));
    if (reply.size > into.len) {
        mp_raise_OSError(MP_EIO);
    }
    get(into.buf, reply.size);
    if (request.op == HELLO) {
        asked_for = reply.value;
    }
    mp_uint_t gone = mp_hal_ticks_us() - asked;
    if (gone < reply.wait) {
        mp_hal_delay_us(reply.wait - gone);
    }
    said[0] = MP_OBJ_NEW_SMALL_INT(reply.status);
    said[1] = MP_OBJ_NEW_SMALL_INT(reply.edge);
    said[2] = MP_OBJ_NEW_SMALL_INT(reply.ready);
    said[3] = MP_OBJ_NEW_SMALL_INT(reply.quiet);
    return MP_OBJ_NEW_SMALL_INT(reply.value);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(bench_trade_obj, 7, 7, bench_trade);

static mp_obj_t bench_bus(mp_obj_t out, mp_obj_t in) {
    bus_out = mp_obj_get_int(out);
    bus_in = mp_obj_get_int(in);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(bench_bus_obj, bench_bus);

static mp_obj_t bench_leave(mp_obj_t status) {
    bench_exit(mp_obj_get_int(status));
}
static MP_DEFINE_CONST_FUN_OBJ_1(bench_leave_obj, bench_leave);

static const mp_rom_map_elem_t bench_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_bench) },
    { MP_ROM_QSTR(MP_QSTR_open), MP_ROM_PTR(&bench_open_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&bench_close_obj) },
    { MP_ROM_QSTR(MP_QSTR_seek), MP_ROM_PTR(&bench_seek_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&bench_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&bench_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_bus), MP_ROM_PTR(&bench_bus_obj) },
    { MP_ROM_QSTR(MP_QSTR_turn), MP_ROM_PTR(&bench_turn_obj) },
    { MP_ROM_QSTR(MP_QSTR_trade), MP_ROM_PTR(&bench_trade_obj) },
    { MP_ROM_QSTR(MP_QSTR_exit), MP_ROM_PTR(&bench_leave_obj) },
};
static MP_DEFINE_CONST_DICT(bench_dict, bench_table);
const mp_obj_module_t bench_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&bench_dict };
MP_REGISTER_MODULE(MP_QSTR_bench, bench_module);

#if MICROPY_VFS_ROM_IOCTL
// The ROMFS segment: the flash above the firmware. It is read only here; another image is loaded when the emulator starts.
extern uint8_t _romfs, _romfs_len;
static mp_obj_array_t romfs = { { &mp_type_memoryview }, 'B', 0, 0, NULL };
mp_obj_t mp_vfs_rom_ioctl(size_t n, const mp_obj_t *args) {
    mp_int_t asked = mp_obj_get_int(args[0]);
    if (asked == MP_VFS_ROM_IOCTL_GET_NUMBER_OF_SEGMENTS) {
        return MP_OBJ_NEW_SMALL_INT(1);
    }
    if (asked == MP_VFS_ROM_IOCTL_GET_SEGMENT) {
        romfs.items = &_romfs;
        romfs.len = (size_t)&_romfs_len;
        return MP_OBJ_FROM_PTR(&romfs);
    }
    return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
}
#endif
