// image.S: what microtill/prelink.py made, or nothing, at its fixed place (l475.ld).
    .section .linked, "a"
    .incbin IMAGE
