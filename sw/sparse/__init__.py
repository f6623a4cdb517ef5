"""Networks with pre-defined sparse junctions in torch: layers, training, the way to hardware and back."""
