package wirejson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// Row is a line of a recorded conversation (wire.md §8).
type Row struct {
	K   string          // "wire", or what a test has no use for
	Dir string          // "widget>host" or "host>widget"
	Msg json.RawMessage // the message; nil unless K is "wire"
}

// ReadTranscript reads a recording: one JSON object a line.
func ReadTranscript(file string) ([]Row, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for n, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var row Row
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n+1, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
