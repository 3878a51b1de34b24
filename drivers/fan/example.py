# example.py (fan): half speed, and what it makes of it two seconds later. PWM on pin 19, tachometer on pin 20.
import asyncio
from machine import PWM, Pin
from fan import Fan


async def main():
    fan = Fan(PWM(19, freq=25_000, duty_u16=0), Pin(20, Pin.IN, Pin.PULL_UP))
    fan.want(50)
    await asyncio.sleep(2)
    print(await fan.rpm())

asyncio.run(main())
