# chips: models of the peripherals, each at its wire and from its datasheet. They import nothing from drivers/ or firmware/.
