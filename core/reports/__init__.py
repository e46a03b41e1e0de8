"""What is read of the store: figures, tables, findings, talks, exports."""
