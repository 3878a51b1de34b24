# rig: the bench's chips at real wires: USARTs and pins of the emulated board, serial adapters, the pod, a laboratory's coordinator. docs/rig.md.
