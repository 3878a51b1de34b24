# hostfile.py (qemu-stm32): littlefs on a file of the host, so that a person at the prompt finds what was stored last time. OSError as any disk.
import bench
import vfs

_NAME, _BLOCK, _BLOCKS = "fs.img", 512, 256
_READ_AND_WRITE, _CREATE = 3, 7


class Disk:
    """A block device with the extended interface that littlefs wants; blocks need no erase."""

    def __init__(self, file):
        self._file = file

    def readblocks(self, block, buf, offset=0):
        bench.seek(self._file, block * _BLOCK + offset)
        bench.readinto(self._file, buf)

    def writeblocks(self, block, buf, offset=0):
        bench.seek(self._file, block * _BLOCK + offset)
        bench.write(self._file, buf)

    def ioctl(self, request, _):
        if request == 4:
            return _BLOCKS
        if request == 5:
            return _BLOCK
        return 0


def text(name):
    """The whole of a file of the host's folder, as str."""
    file, whole, piece = bench.open(name, 1), b"", bytearray(_BLOCK)
    while True:
        got = bench.readinto(file, piece)
        whole += piece[:got]
        if got < _BLOCK:
            bench.close(file)
            return str(whole, "utf-8")


def mount():
    try:
        disk = Disk(bench.open(_NAME, _READ_AND_WRITE))
    except OSError:
        disk = Disk(bench.open(_NAME, _CREATE))
        blank = bytes(_BLOCK)
        for block in range(_BLOCKS):
            disk.writeblocks(block, blank)
    try:
        system = vfs.VfsLfs2(disk, progsize=32, readsize=32)
    except OSError:                     # blank, or not ours
        vfs.VfsLfs2.mkfs(disk, progsize=32, readsize=32)
        system = vfs.VfsLfs2(disk, progsize=32, readsize=32)
    vfs.mount(system, "/")
