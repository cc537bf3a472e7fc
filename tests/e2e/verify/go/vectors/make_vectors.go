// Makes verify/vectors with golang.org/x/mod: a small log in the C2SP tlog-tiles layout at several
// sizes, its signed checkpoints, and receipts. Keys come from a fixed seed, so a second run writes
// the same bytes.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run . ../../vectors
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "example.org/pawl/test-log"

var sizes = []int64{1, 2, 3, 7, 255, 256, 257, 600}
var proven = [][2]int64{
	{0, 1}, {0, 2}, {1, 2}, {2, 3}, {6, 7}, {255, 256}, {256, 257}, {0, 600}, {300, 600}, {599, 600},
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = h[index]
	}
	return out, nil
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func write(root, name string, data []byte) {
	path := filepath.Join(root, name)
	check(os.MkdirAll(filepath.Dir(path), 0o755))
	check(os.WriteFile(path, data, 0o644))
}

func entry(i int64) []byte {
	return []byte(fmt.Sprintf("entry %d of the test log", i))
}

func leaf(i int64) tlog.Hash {
	return tlog.RecordHash(entry(i))
}

// tlog-tiles names without the library's height element: tile/L/NNN[.p/W].
func tilePath(t tlog.Tile) string {
	const prefix = "tile/8/"
	return "tile/" + t.Path()[len(prefix):]
}

func makeKeys(name string) (note.Signer, string) {
	seed := sha256.Sum256([]byte(name))
	key := ed25519.NewKeyFromSeed(seed[:])
	vkey, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	check(err)
	verifier, err := note.NewVerifier(vkey)
	check(err)
	skey := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, verifier.KeyHash(),
		base64.StdEncoding.EncodeToString(append([]byte{1}, seed[:]...)))
	signer, err := note.NewSigner(skey)
	check(err)
	return signer, vkey
}

func main() {
	root := os.Args[1]
	signer, vkey := makeKeys(origin)
	witness, witnessKey := makeKeys("witness.example/w1")
	last := sizes[len(sizes)-1]

	var store hashes
	checkpoints := map[int64][]byte{}
	for size := int64(1); size <= last; size++ {
		add, err := tlog.StoredHashesForRecordHash(size-1, leaf(size-1), store)
		check(err)
		store = append(store, add...)
	}
	for _, size := range sizes {
		hash, err := tlog.TreeHash(size, store)
		check(err)
		text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(hash[:]))
		signed, err := note.Sign(&note.Note{Text: text}, signer, witness)
		check(err)
		checkpoints[size] = signed
		write(root, fmt.Sprintf("checkpoints/%d", size), signed)
	}

	widest := map[[2]int64]tlog.Tile{}
	for _, tile := range tlog.NewTiles(8, 0, last) {
		widest[[2]int64{int64(tile.L), tile.N}] = tile // in order of growing width
	}
	for _, tile := range widest {
		data, err := tlog.ReadTileData(tile, store)
		check(err)
		write(root, tilePath(tile), data)
	}
	for start := int64(0); start < last; start += 256 {
		var bundle bytes.Buffer
		width := last - start
		if width > 256 {
			width = 256
		}
		for i := start; i < start+width; i++ {
			check(binary.Write(&bundle, binary.BigEndian, uint16(len(entry(i)))))
			_, err := bundle.Write(entry(i))
			check(err)
		}
		tile := tlog.Tile{H: 8, L: -1, N: start / 256, W: int(width)}
		// The library calls level -1 "data"; tlog-tiles calls it "entries".
		write(root, "tile/entries/"+tile.Path()[len("tile/8/data/"):], bundle.Bytes())
	}
	write(root, "checkpoint", checkpoints[last])

	for _, pair := range proven {
		index, size := pair[0], pair[1]
		proof, err := tlog.ProveRecord(size, index, store)
		check(err)
		var out bytes.Buffer
		fmt.Fprintf(&out, "c2sp.org/tlog-proof@v1\nindex %d\n", index)
		for _, hash := range proof {
			fmt.Fprintf(&out, "%s\n", base64.StdEncoding.EncodeToString(hash[:]))
		}
		out.WriteByte('\n')
		if index == 300 {
			text := string(checkpoints[size][:bytes.Index(checkpoints[size], []byte("\n\n"))+1])
			makeCosigned(root, text, out.String(), signer, vkey)
		}
		out.Write(checkpoints[size])
		write(root, fmt.Sprintf("receipts/%d-of-%d.tlog-proof", index, size), out.Bytes())
	}

	consistency := map[string][]string{}
	for _, newer := range sizes {
		for _, older := range sizes {
			if older >= newer {
				continue
			}
			proof, err := tlog.ProveTree(newer, older, store)
			check(err)
			list := []string{}
			for _, hash := range proof {
				list = append(list, base64.StdEncoding.EncodeToString(hash[:]))
			}
			consistency[fmt.Sprintf("%d-%d", older, newer)] = list
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(io.Writer(&out))
	encoder.SetIndent("", " ")
	check(encoder.Encode(map[string]interface{}{"vkey": vkey, "witness_vkey": witnessKey,
		"origin": origin, "sizes": sizes, "consistency": consistency}))
	write(root, "vectors.json", out.Bytes())
	makeEquivocations(root, signer, witness, vkey)
}
