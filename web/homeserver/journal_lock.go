//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package homeserver

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes a file for this process until it is closed, however the process ends.
func lockFile(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errInUse
	}
	return err
}
