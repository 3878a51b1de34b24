# crypto: AES, CMAC, DUKPT, PIN blocks. Pure; secrets live in bytearrays that are wiped.
