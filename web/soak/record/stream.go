package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
)

// Frames of the stream. A frame is words of 32 bits, low byte first: how many
// follow, its kind, what the kind has, and bytes filled up to a word. Each says
// what the shim does next, and web/soak/frames.mjs reads them.
const (
	frameExports  = iota // bytes: the inputs' names, by which they are numbered
	frameInstance        // 1 if a page in it will talk much, else 0: a new instance of the wasm
	frameClient          // bytes: who enters from here on
	framePut             // at word, at byte, words, bytes; the words, the bytes: write them into the ways in
	frameReserve         // words, bytes
	frameIntern          // at, bytes, the number that comes of it
	frameEnter           // input, a, b, words in, words out, bytes out, mono, wall; the words and bytes that must come out
	frameEnd             // worlds: nothing was cut off
)

// stream writes frames.
type stream struct {
	out   *bufio.Writer
	frame []byte
}

func newStream(w io.Writer) *stream { return &stream{out: bufio.NewWriterSize(w, 1<<18)} }

func (s *stream) begin(kind int32, words ...int32) {
	s.frame = append(s.frame[:0], 0, 0, 0, 0)
	s.words([]int32{kind})
	s.words(words)
}

func (s *stream) words(words []int32) {
	for _, w := range words {
		s.frame = binary.LittleEndian.AppendUint32(s.frame, uint32(w))
	}
}

func (s *stream) number(n float64) {
	s.frame = binary.LittleEndian.AppendUint64(s.frame, math.Float64bits(n))
}

func (s *stream) bytes(b []byte) {
	s.frame = append(s.frame, b...)
	for len(s.frame)%4 != 0 {
		s.frame = append(s.frame, 0)
	}
}

// end writes the frame out; the writer keeps an error for the end.
func (s *stream) end() {
	binary.LittleEndian.PutUint32(s.frame, uint32(len(s.frame)/4-1))
	_, _ = s.out.Write(s.frame)
}

// say writes a frame of bytes.
func (s *stream) say(kind int32, text string) {
	s.begin(kind, int32(len(text)))
	s.bytes([]byte(text))
	s.end()
}
