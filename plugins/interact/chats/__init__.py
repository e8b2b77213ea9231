"""The record of a run: chats, their messages, and results with an id each. Pure."""
