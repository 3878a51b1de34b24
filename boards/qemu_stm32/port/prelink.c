// prelink.c: modules that were imported when the firmware was built. Functions, classes and tables that never change stay in flash; what may
// change is copied to the very blocks of the heap where it stood then, the first ones. So an import costs a board almost no memory, and no time.
// microtill/prelink.py makes the image. Without one, or with another firmware's, modules are imported as usual.
#include <string.h>
#include "py/runtime.h"
#include "py/gc.h"
#include "py/qstr.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "prelink.h"
#include "build_name.h"

typedef struct {
    uint32_t address, bytes;            // in the heap; a whole number of its blocks
    const void *data;
} part_t;
typedef struct {
    mp_obj_t name, module;
} resident_t;
typedef struct {
    char magic[4], firmware[16];
    uint32_t parts, residents;
    const part_t *part;
    const resident_t *resident;
    void **roots;                       // the addresses of all parts: nobody else tells the collector of them
    uint32_t finished;                  // 1: nothing more will be linked
} image_t;

extern const uint8_t _prelink[];
#define IMAGE ((const image_t *)_prelink)

static bool is_ours(void) {
    return memcmp(IMAGE->magic, "PRE1", 4) == 0 && memcmp(IMAGE->firmware, BUILD_NAME, 16) == 0;
}

// Before anything else takes memory. A heap that gives other addresses is another build's: that cannot happen, and ends here if it does.
void prelink_fill_heap(void) {
    for (uint32_t n = 0; is_ours() && n < IMAGE->parts; ++n) {
        const part_t *part = &IMAGE->part[n];
        void *got = gc_alloc(part->bytes, 0);
        if ((uint32_t)got != part->address) {
            mp_printf(&mp_plat_print, "FATAL: the prelinked image wants another heap\n");
            bench_exit(72);
        }
        memcpy(got, part->data, part->bytes);
    }
}

void prelink_register(void) {
    mp_map_t *loaded = &MP_STATE_VM(mp_loaded_modules_dict).map;
    if (is_ours()) {
        mp_map_deinit(loaded);
        mp_map_init(loaded, IMAGE->residents + 8);
    }
    for (uint32_t n = 0; is_ours() && n < IMAGE->residents; ++n) {
        mp_map_lookup(loaded, IMAGE->resident[n].name, MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)->value = IMAGE->resident[n].module;
    }
}

void prelink_roots(void) {
    if (is_ours()) {
        gc_collect_root(IMAGE->roots, IMAGE->parts);
    }
}

// is_resident(name): does this module stay in flash, so that taking it out of sys.modules would only cost memory?
static mp_obj_t prelink_is_resident(mp_obj_t name) {
    for (uint32_t n = 0; is_ours() && n < IMAGE->residents; ++n) {
        if (mp_obj_equal(name, IMAGE->resident[n].name)) {
            return mp_const_true;
        }
    }
    return mp_const_false;
}
static MP_DEFINE_CONST_FUN_OBJ_1(prelink_is_resident_obj, prelink_is_resident);

// dump(write): the memory as it is, for the image's maker: calls write(bytes) with a head of eight words, then with all of SRAM1 in pieces.
// A firmware that is finished hands nothing out: OSError.
extern const qstr_pool_t mp_qstr_frozen_const_pool;
extern uint32_t _sdata;
static mp_obj_t prelink_dump(mp_obj_t write) {
    if (is_ours() && IMAGE->finished) {
        mp_raise_OSError(MP_EPERM);
    }
    mp_state_mem_area_t *area = &MP_STATE_MEM(area);
    mp_map_t *loaded = &MP_STATE_VM(mp_loaded_modules_dict).map;
    uint32_t head[8] = {
        (uint32_t)&_sdata, RAM_BYTES, (uint32_t)area->gc_alloc_table_start, (uint32_t)area->gc_pool_start, (uint32_t)area->gc_pool_end,
        (uint32_t)loaded->table, loaded->alloc, mp_qstr_frozen_const_pool.total_prev_len + mp_qstr_frozen_const_pool.len };
    mp_call_function_1(write, mp_obj_new_memoryview('B', sizeof(head), head));
    for (uint32_t at = 0; at < RAM_BYTES; at += PIECE) {
        mp_call_function_1(write, mp_obj_new_memoryview('B', PIECE, (uint8_t *)&_sdata + at));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(prelink_dump_obj, prelink_dump);

static const mp_rom_map_elem_t prelink_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_prelink) },
    { MP_ROM_QSTR(MP_QSTR_is_resident), MP_ROM_PTR(&prelink_is_resident_obj) },
    { MP_ROM_QSTR(MP_QSTR_dump), MP_ROM_PTR(&prelink_dump_obj) },
};
static MP_DEFINE_CONST_DICT(prelink_dict, prelink_table);
const mp_obj_module_t prelink_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&prelink_dict };
MP_REGISTER_MODULE(MP_QSTR_prelink, prelink_module);
