int countersign_chain_plugin_v1(void) { return 0; }
