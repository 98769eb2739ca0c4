//go:build !(js && wasm)

package jsbridge

// Start begins the instance anew: here is no page, and no shim to hand it to.
func Start() error {
	bridge.memory, bridge.client, bridge.out = newMemory(), nil, nil
	return nil
}

// newID is what it is in a page whose random bytes are all 0.
func newID() string { return "00000000-0000-4000-8000-000000000000" }
