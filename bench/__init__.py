"""Every figure of docs/benchmarks.md. Each module has ``run(quick) -> list[Row]``; ``anstoss bench`` runs them all."""
