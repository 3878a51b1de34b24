# test_files.py: littlefs, where the target has it: a board keeps its files there. On memory here, so that nobody's files are touched.
from check import raises, skip

BLOCK, BLOCKS = 256, 24


class Memory:
    """A disk in memory with the face that littlefs wants; `torn`: takes no more writes."""

    def __init__(self):
        self.data, self.torn = bytearray(BLOCK * BLOCKS), False

    def readblocks(self, block, buf, offset=0):
        at = block * BLOCK + offset
        buf[:] = self.data[at:at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        if self.torn:
            raise OSError(5)
        at = block * BLOCK + offset
        self.data[at:at + len(buf)] = buf

    def ioctl(self, request, _argument):
        return {4: BLOCKS, 5: BLOCK, 6: 0}.get(request)


def littlefs(disk, fresh=True):
    import vfs
    if not hasattr(vfs, "VfsLfs2"):
        skip("this build has no littlefs")
    if fresh:
        vfs.VfsLfs2.mkfs(disk)
    return vfs.VfsLfs2(disk)


def test_a_file_is_there_after_a_new_mount():
    disk = Memory()
    with littlefs(disk).open("/shop.json", "w") as file:
        file.write("{\"name\": \"Caf\xe9\"}")
    with littlefs(disk, False).open("/shop.json", "r") as file:
        assert file.read() == "{\"name\": \"Caf\xe9\"}"


def test_a_write_that_fails_leaves_the_file_as_it_was():
    disk = Memory()
    system = littlefs(disk)
    with system.open("/kept", "w") as file:
        file.write("before")

    def write():
        with system.open("/kept", "w") as file:
            disk.torn = True
            file.write("after" * 100)
    raises(OSError, write)
    disk.torn = False
    with littlefs(disk, False).open("/kept", "r") as file:
        assert file.read() == "before"


def test_a_full_disk_says_so():
    system = littlefs(Memory())

    def fill():
        with system.open("/large", "wb") as file:
            for _ in range(BLOCKS):
                file.write(bytes(BLOCK))
    assert raises(OSError, fill).args[0] == 28


def test_files_have_names_and_go_away():
    system = littlefs(Memory())
    system.mkdir("/logs")
    system.open("/logs/a", "w").close()
    assert [row[0] for row in system.ilistdir("/logs")] == ["a"]
    system.remove("/logs/a")
    assert list(system.ilistdir("/logs")) == []
    raises(OSError, system.open, "/logs/a", "r")


def test_a_disk_that_was_never_formatted_is_not_mounted():
    disk = Memory()
    littlefs(Memory())
    raises(OSError, littlefs, disk, False)
