//go:build !(js && wasm)

package jsbridge

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// Start begins the instance anew: here is no page, and no shim to hand it to.
// What a page has at random is counted, so that it is the same each time.
func Start() error {
	uuid.SetRand(new(counter))
	bridge.memory, bridge.client, bridge.out = newMemory(), nil, nil
	return nil
}

type counter uint32

func (c *counter) Read(p []byte) (int, error) {
	*c++
	clear(p)
	binary.BigEndian.PutUint32(p[len(p)-4:], uint32(*c))
	return len(p), nil
}
