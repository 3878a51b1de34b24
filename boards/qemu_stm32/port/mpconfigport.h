// mpconfigport.h: what this port switches on: the feature level of a stock STM32 image, and AES-CTR, littlefs 2 and ROMFS. A PRODUCTION build has
// no compiler, no prompt, no file system and no key that interrupts.
#include <stdint.h>
#include <alloca.h>

#define MICROPY_CONFIG_ROM_LEVEL            (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_ENABLE_GC                   (1)
#define MICROPY_LONGINT_IMPL                (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL                  (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_EMIT_THUMB                  (1)
#define MICROPY_MAKE_POINTER_CALLABLE(p)    ((void *)((mp_uint_t)(p) | 1))
#define MICROPY_MEM_STATS                   (1)
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE  (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE (256)
#define MICROPY_ENABLE_SCHEDULER            (1)
#define MICROPY_SCHEDULER_STATIC_NODES      (1)
#define MICROPY_TRACKED_ALLOC               (0)
#define MICROPY_PY___FILE__                 (0)     // a name for each module in memory, for nobody

#define MICROPY_HW_BOARD_NAME               "b-l475e-iot01a"
#define MICROPY_HW_MCU_NAME                 "STM32L475"
#define MICROPY_PY_SYS_PLATFORM             "qemu"
#define MICROPY_PY_SYS_STDIO_BUFFER         (1)
#define MICROPY_PY_OS_UNAME                 (1)
#define MICROPY_PY_OS_SYNC                  (1)
#define MICROPY_PY_OS_DUPTERM               (0)

#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS        (1)
#define MICROPY_PY_TIME_INCLUDEFILE         "modtime_port.c"

#define MICROPY_SSL_MBEDTLS                 (1)     // whose AES and hashes cryptolib and hashlib are
#define MICROPY_PY_CRYPTOLIB                (1)
#define MICROPY_PY_CRYPTOLIB_CTR            (1)
#define MICROPY_PY_HASHLIB_SHA1             (1)
#define MICROPY_PY_HASHLIB_MD5              (1)

#define MICROPY_PY_MACHINE                  (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE      "modmachine_port.c"
#define MICROPY_PY_MACHINE_RESET            (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_PIN_BASE         (1)
#define MICROPY_PY_MACHINE_SIGNAL           (1)
#define MICROPY_PY_MACHINE_PULSE            (1)
#define MICROPY_PY_MACHINE_I2C              (0)
#define MICROPY_PY_MACHINE_SOFTI2C          (1)
#define MICROPY_PY_MACHINE_SPI              (0)
#define MICROPY_PY_MACHINE_SOFTSPI          (1)
#define MICROPY_PY_MACHINE_UART             (1)
#define MICROPY_PY_MACHINE_UART_IRQ         (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE "machine_uart_port.c"

#if PRODUCTION
#define MICROPY_ENABLE_COMPILER             (0)
#define MICROPY_HELPER_REPL                 (0)
#define MICROPY_PY_BUILTINS_HELP            (0)
#define MICROPY_KBD_EXCEPTION               (0)
#define MICROPY_VFS                         (0)
#else
#define MICROPY_EMIT_INLINE_THUMB           (1)
#define MICROPY_PERSISTENT_CODE_LOAD        (1)
#define MICROPY_VFS                         (1)
#define MICROPY_PY_VFS                      (1)
#define MICROPY_READER_VFS                  (1)
#define MICROPY_VFS_ROM                     (1)
#define MICROPY_VFS_ROM_IOCTL               (1)
#endif

#define MP_SSIZE_MAX                        (0x7fffffff)
#define UINT_FMT                            "%lu"
#define INT_FMT                             "%ld"
#define HEX_FMT                             "%lx"
typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
typedef long mp_off_t;
#define MP_NEED_LOG2                        (1)
#define MP_STATE_PORT                       MP_STATE_VM
