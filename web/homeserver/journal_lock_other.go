//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package homeserver

import "os"

// lockFile does nothing where there is no flock: that no two servers have one journal is up to who starts them.
func lockFile(*os.File) error { return nil }
