// prelink.h: see prelink.c.
#pragma once
#define RAM_BYTES   (96 * 1024)
#define PIECE       4096
void prelink_fill_heap(void);
void prelink_register(void);
void prelink_roots(void);
