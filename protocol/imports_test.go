package protocol_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/widget-futures/widget-futures/"

// layers lists the packages from the bottom up: each may import those before
// it, and nothing else of this module.
var layers = []string{"protocol", "protocol/session", "protocol/future", "jsbridge", "wasm"}

// pure are the packages that do no I/O: they could run anywhere.
var pure = layers[:3]

// nativeOnly is for tests and tools: it links encoding/json.
const nativeOnly = "protocol/wirejson"

// banned from the pure packages: I/O, clocks to wait on, concurrency,
// randomness, and what makes the wasm big.
var banned = []string{
	"bufio", "context", "crypto", "database", "encoding/gob", "encoding/json", "embed", "fmt", "io", "hash/maphash", "log",
	"math/rand", "net", "os", "plugin", "reflect", "runtime", "sync", "syscall", "testing", "unique", "unsafe", "C",
}

// clocks are what must not be called of package time.
var clocks = []string{
	"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Ticker", "Timer", "Until",
}

type source struct {
	*ast.File
	path    string
	set     *token.FileSet
	imports map[string]string // by the name in the file
}

// sources parses a package's own files, whatever their build constraints.
func sources(t *testing.T, dir string) []source {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var list []source
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			list = append(list, parse(t, path))
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s has no Go files", dir)
	}
	return list
}

func parse(t *testing.T, path string) source {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	s := source{file, path, set, map[string]string{}}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		local := name[strings.LastIndex(name, "/")+1:]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "_" || local == "." {
			local += name // several files' worth of these may stand in one
		}
		s.imports[local] = name
	}
	return s
}

func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestCoreImportsNothingThatDoesIO(t *testing.T) {
	for _, dir := range pure {
		for _, s := range sources(t, dir) {
			for local, path := range s.imports {
				switch first, _, _ := strings.Cut(path, "/"); {
				case strings.HasPrefix(path, module):
				case strings.Contains(first, "."):
					t.Errorf("%s imports %s: the core uses the standard library only", s.path, path)
				case slices.ContainsFunc(banned, func(b string) bool { return within(path, b) }):
					t.Errorf("%s imports %s", s.path, path)
				case local[0] == '.' || local[0] == '_':
					t.Errorf("%s imports %s as %s, which hides what is used of it", s.path, path, local[:1])
				}
			}
		}
	}
}

func TestCoreReadsNoClockAndStartsNothing(t *testing.T) {
	for _, dir := range pure {
		for _, s := range sources(t, dir) {
			ast.Inspect(s.File, func(n ast.Node) bool {
				what := ""
				switch n := n.(type) {
				case *ast.GoStmt:
					what = "a goroutine"
				case *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
					what = "a channel"
				case *ast.UnaryExpr:
					if n.Op == token.ARROW {
						what = "a channel"
					}
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && s.imports[x.Name] == "time" && slices.Contains(clocks, n.Sel.Name) {
						what = "time." + n.Sel.Name
					}
				case *ast.CallExpr:
					if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
						what = "a log"
					}
				}
				if what != "" {
					t.Errorf("%s uses %s", s.set.Position(n.Pos()), what)
				}
				return true
			})
		}
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for i, dir := range layers {
		for _, s := range sources(t, dir) {
			for _, path := range s.imports {
				if own, ok := strings.CutPrefix(path, module); ok && !slices.Contains(layers[:i], own) {
					t.Errorf("%s imports %s", s.path, own)
				}
			}
		}
	}
}

func TestOnlyTestsAndToolsImportWirejson(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir():
			if name == "node_modules" || name == ".git" || name == "build" || name == "dist" {
				return fs.SkipDir
			}
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			s := parse(t, path)
			seen++
			for _, imported := range s.imports {
				tool := s.Name.Name == "main" && filepath.ToSlash(filepath.Dir(path)) != "../wasm"
				if imported == module+nativeOnly && !tool {
					t.Errorf("%s imports it", path)
				}
			}
		}
		return nil
	})
	if err != nil || seen < 10 {
		t.Fatalf("saw %d files: %v", seen, err)
	}
	if _, err := os.Stat("../" + nativeOnly); err != nil {
		t.Fatal(err)
	}
}
