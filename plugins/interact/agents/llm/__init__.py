"""The agent that lets a language model answer: its tools, its limits, its chat, step by step."""
