package main

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/widget-futures/widget-futures/jsbridge"
)

// frames counts a stream's frames by kind, and the inputs by export.
func frames(t *testing.T, stream []byte) (kinds [frameEnd + 1]int, inputs map[jsbridge.Input]int) {
	t.Helper()
	inputs = map[jsbridge.Input]int{}
	word := func(n int) int { return int(int32(binary.LittleEndian.Uint32(stream[4*n:]))) }
	for len(stream) > 0 {
		if word(0) < 1 || 4+4*word(0) > len(stream) {
			t.Fatalf("a frame of %d words, of %d bytes left", word(0), len(stream))
		}
		kinds[word(1)]++
		if word(1) == frameEnter {
			inputs[jsbridge.Input(word(2))]++
		}
		stream = stream[4+4*word(0):]
	}
	return kinds, inputs
}

func TestStreamHasEveryFrameAndInput(t *testing.T) {
	var stream bytes.Buffer
	if err := record(&stream, &options{seeds: 8, first: 1, share: 4, hours: 0.05, nonsense: 600}); err != nil {
		t.Fatal(err)
	}
	kinds, inputs := frames(t, stream.Bytes())
	for kind, n := range kinds {
		if n == 0 {
			t.Errorf("no frame of kind %d", kind)
		}
	}
	for input, name := range jsbridge.Inputs() {
		if inputs[jsbridge.Input(input)] == 0 {
			t.Errorf("no %s", name)
		}
	}
	if kinds[frameInstance] != 2 || kinds[frameReserve] < 4 {
		t.Errorf("%d instances, %d times more was reserved", kinds[frameInstance], kinds[frameReserve])
	}
}

func TestSameSeedsMakeTheSameStream(t *testing.T) {
	var streams [2]bytes.Buffer
	for i := range streams {
		if err := record(&streams[i], &options{seeds: 2, first: 7, share: 4, hours: 0.2, nonsense: 3000}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(streams[0].Bytes(), streams[1].Bytes()) {
		t.Error("two streams of the same seeds differ: the core does not always do the same")
	}
}
