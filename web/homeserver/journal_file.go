package homeserver

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// journalHeader is the first line.
type journalHeader struct {
	Format     string `json:"format"`
	Version    int    `json:"version"`
	ServerName string `json:"server_name"`
}

const (
	journalFormat  = "widget-futures homeserver journal"
	journalVersion = 1
)

// forceToDisk is for the one moment when all that was kept has but a new place; tests need not wait for it.
var forceToDisk = (*os.File).Sync

var errInUse = errors.New("another server that runs has it")

// openLocked opens a journal that nobody else has, or makes an empty one.
func openLocked(path string) (*os.File, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, errors.New(reason(err))
		}
		current, err := isLocked(file, path)
		if current {
			return file, nil
		}
		file.Close()
		if err != nil {
			return nil, err
		}
	}
}

// isLocked locks a file and reports whether it is still the one at path: its former owner may just have put another in its place.
func isLocked(file *os.File, path string) (bool, error) {
	opened, err := file.Stat()
	if err != nil {
		return false, err
	}
	if !opened.Mode().IsRegular() {
		return false, errors.New("it is no regular file")
	}
	if err := lockFile(file); err != nil {
		return false, err
	}
	present, err := os.Stat(path)
	return err == nil && os.SameFile(opened, present), nil
}

// readJournal applies every line of a journal. Its errors begin with the line.
func (s *Server) readJournal(file io.Reader) error {
	lines := bufio.NewReader(file)
	number := 1
	if err := s.readHeader(lines); errors.Is(err, io.EOF) {
		return nil // an empty file
	} else if err != nil {
		return fmt.Errorf("line %d: %w", number, err)
	}
	p := newReplay(s)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what follows the last line break is a torn line
		}
		number++
		if err == nil {
			err = p.line(line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
}

// readHeader refuses what this server did not write, or would not understand. It does not read all of a large file to find out.
func (s *Server) readHeader(lines *bufio.Reader) error {
	const most = 1024
	start, err := lines.Peek(most)
	if len(start) == 0 {
		return err
	}
	line, _, whole := bytes.Cut(start, []byte("\n"))
	var header journalHeader
	if !whole || json.Unmarshal(line, &header) != nil || header.Format != journalFormat {
		return fmt.Errorf("it is no %s", journalFormat)
	}
	if header.Version != journalVersion {
		return fmt.Errorf("it has version %d of its format, and this server knows version %d alone", header.Version, journalVersion)
	}
	if header.ServerName != s.options.ServerName {
		return fmt.Errorf("it is that of server %q, and this is %q", header.ServerName, s.options.ServerName)
	}
	_, err = lines.Discard(len(line) + 1)
	return err
}

// rewriteJournal puts a file with all that is now in the place of the one at path, which is locked, and returns it, locked too.
func (s *Server) rewriteJournal(path string) (*os.File, error) {
	path, err := filepath.EvalSymlinks(path) // a link stays one
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if err = lockFile(file); err == nil {
		err = s.writeSnapshot(file)
	}
	if err == nil {
		err = forceToDisk(file)
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		file.Close()
	}
	return file, err
}

func (s *Server) writeSnapshot(file io.Writer) error {
	out := bufio.NewWriter(file)
	out.Write(append(encode(journalHeader{journalFormat, journalVersion, s.options.ServerName}), '\n'))
	for _, c := range s.snapshot() {
		out.Write(append(encode([]change{c}), '\n'))
	}
	return out.Flush() // it has the first error of all
}
