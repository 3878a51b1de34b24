# admin: the serial console that host-tools talk to, and the checks that it runs.
