// Verifies a log's checkpoint, a receipt (tlog-proof) or the consistency of two checkpoints with
// golang.org/x/mod/sumdb/note and sumdb/tlog: a third implementation, by the people who wrote the
// formats.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify.go checkpoint  VKEY CHECKPOINT
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify.go receipt     VKEY ENTRY PROOF
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify.go consistency VKEY OLDER NEWER FOLDER
//
// VKEY is the text of the log's verifier key, or of a witness's (checkpoint alone: its cosignature);
// the rest are files. FOLDER holds the "tile" folder
// from which the consistency proof is made. Exits 0 good, 1 bad, 2 cannot decide.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var errUsage = errors.New("usage: checkpoint VKEY FILE | receipt VKEY ENTRY PROOF | " +
	"consistency VKEY OLDER NEWER FOLDER")

// undecided marks an error that proves nothing about what was verified.
type undecided struct{ error }

func read(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, undecided{err}
	}
	return data, nil
}

func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(data) != len(hash) {
		return hash, fmt.Errorf("not a hash: %q", text)
	}
	copy(hash[:], data)
	return hash, nil
}

// witness verifies cosignature/v1 lines, key type 4. The library knows type 1 only; it takes a
// verifier of any type.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

// newVerifier also says whether the key is a log's, whose name is the checkpoint's first line.
func newVerifier(vkey string) (note.Verifier, bool, error) {
	parts := strings.SplitN(vkey, "+", 3)
	typed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(parts) != 3 || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 4 {
		verifier, err := note.NewVerifier(vkey)
		return verifier, true, err
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	found := witness{parts[0], binary.BigEndian.Uint32(sum[:4]), typed[1:]}
	if fmt.Sprintf("%08x", found.id) != parts[1] {
		return nil, false, errors.New("the id does not belong to the key")
	}
	return found, false, nil
}

func openCheckpoint(vkey string, signed []byte) (tlog.Tree, error) {
	var tree tlog.Tree
	verifier, isLog, err := newVerifier(vkey)
	if err != nil {
		return tree, undecided{err}
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || isLog && lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = parseHash(lines[2])
	return tree, err
}

func readCheckpoint(vkey, path string) (tlog.Tree, error) {
	signed, err := read(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	return openCheckpoint(vkey, signed)
}

func checkReceipt(vkey, entryPath, proofPath string) error {
	entry, err := read(entryPath)
	if err != nil {
		return err
	}
	text, err := read(proofPath)
	if err != nil {
		return err
	}
	parts := strings.SplitN(string(text), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("tlog-proof without index")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint(vkey, []byte(parts[1]))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// folderTiles reads tiles in the tlog-tiles layout, whose names lack the height.
type folderTiles struct{ folder string }

func (f folderTiles) Height() int                     { return 8 }
func (f folderTiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folderTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		name := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := read(filepath.Join(f.folder, name))
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

func checkConsistency(vkey, olderPath, newerPath, folder string) error {
	older, err := readCheckpoint(vkey, olderPath)
	if err != nil {
		return err
	}
	newer, err := readCheckpoint(vkey, newerPath)
	if err != nil {
		return err
	}
	// The reader checks every tile against the newer tree's root before it returns a hash.
	proof, err := tlog.ProveTree(newer.N, older.N, tlog.TileHashReader(newer, folderTiles{folder}))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash)
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "checkpoint":
		_, err := readCheckpoint(args[1], args[2])
		return err
	case len(args) == 4 && args[0] == "receipt":
		return checkReceipt(args[1], args[2], args[3])
	case len(args) == 5 && args[0] == "consistency":
		return checkConsistency(args[1], args[2], args[3], args[4])
	}
	return undecided{errUsage}
}

func main() {
	err := run(os.Args[1:])
	var unclear undecided
	switch {
	case err == nil:
		fmt.Println("good")
	case errors.As(err, &unclear):
		fmt.Println("undecided:", err)
		os.Exit(2)
	default:
		fmt.Println("bad:", err)
		os.Exit(1)
	}
}
