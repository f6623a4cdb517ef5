"""Digilent Arty A7-100: the same board with the larger chip."""

from dataclasses import replace

from boards import arty

BOARD = replace(
    arty.BOARD,
    name="arty-100",
    title="Digilent Arty A7-100",
    chip="XC7A100T",
    part="xc7a100ticsg324-1L",
    pins="arty_a7.ArtyA7_100Platform",
    loader="arty_a7_100t",
    design="designs/mnist.toml",
    mhz=116.0,
)
