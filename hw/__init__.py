"""The accelerator in Amaranth. Imports sw.design only: what it must compute is for the golden model to say."""
