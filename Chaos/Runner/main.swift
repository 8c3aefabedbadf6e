import ArgumentParser

// Plays scenarios: a cluster in one thread and virtual time, what goes wrong in it, and a verdict.
// `grapevine-chaos help` tells how.

ChaosCommand.main()
