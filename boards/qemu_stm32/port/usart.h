// usart.h: the chip's six USARTs (RM0351 40.8): CR1 0, BRR 0Ch, ISR 1Ch, RDR 24h, TDR 28h.
#pragma once
#include "py/mphal.h"
#include "py/ringbuf.h"

#define USARTS      6
#define LPUART      5
#define USART_IRQS  { 37, 38, 39, 52, 53, 70 }
#define USART_BASES { 0x40013800, 0x40004400, 0x40004800, 0x40004C00, 0x40005000, 0x40008000 }

extern ringbuf_t usart_received[USARTS];
extern uint32_t usart_overruns[USARTS];
void usart_clock(void);
uint32_t usart_divider(int n, uint32_t baud);   // of their clock; at least 16 (LPUART1: 768), RM0351 40.5.4 and 41.4.4
void usart_on(int n, uint32_t baud);
void usart_off(int n);
void usart_handler(uint32_t irq);
void usart_tick(void);                          // a millisecond has passed
bool usart_awaits_tick(void);                   // the next tick matters: let none be left out
bool usart_sent(int n);                         // the last bit is on the line
void usart_send(int n, const uint8_t *data, size_t size);
