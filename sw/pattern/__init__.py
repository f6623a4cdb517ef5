"""Connection patterns as data: degrees, clash-free kinds, edges, drawing, scatter, counting."""
