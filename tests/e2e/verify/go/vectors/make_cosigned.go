package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const cosignedAt = 1772000000 // seconds since 1970, and one more for each witness

// cosigner makes cosignature/v1 lines, key type 4. The library knows type 1 only; it takes a signer
// of any type.
type cosigner struct {
	name string
	key  ed25519.PrivateKey
	time uint64
}

func newCosigner(name string, time uint64) cosigner {
	seed := sha256.Sum256([]byte(name))
	return cosigner{name, ed25519.NewKeyFromSeed(seed[:]), time}
}

func (c cosigner) typedKey(kind byte) []byte {
	return append([]byte{kind}, c.key.Public().(ed25519.PublicKey)...)
}

func keyID(name string, typed []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return binary.BigEndian.Uint32(sum[:4])
}

func vkey(name string, typed []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, keyID(name, typed),
		base64.StdEncoding.EncodeToString(typed))
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return keyID(c.name, c.typedKey(4)) }
func (c cosigner) Sign(text []byte) ([]byte, error) {
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", c.time, text)
	var out [8]byte
	binary.BigEndian.PutUint64(out[:], c.time)
	return append(out[:], ed25519.Sign(c.key, []byte(message))...), nil
}

// makeCosigned writes cosigned/: the newest checkpoint with the lines of witnesses 1 to 3, a receipt
// with it, and of each witness its key and its line. `proof` is the receipt up to its checkpoint.
func makeCosigned(root, text, proof string, log note.Signer, logKey string) {
	vkeys := map[string]string{"log": logKey}
	lines := map[string]string{}
	signers := []note.Signer{log}
	for i := 1; i <= 6; i++ {
		short := fmt.Sprintf("w%d", i)
		witness := newCosigner("witness.example/"+short, cosignedAt+uint64(i))
		vkeys[short] = vkey(witness.name, witness.typedKey(4))
		signed, err := note.Sign(&note.Note{Text: text}, witness)
		check(err)
		lines[short] = strings.TrimPrefix(string(signed), text+"\n")
		if i <= 3 {
			signers = append(signers, witness)
		}
	}
	first := newCosigner("witness.example/w1", cosignedAt+1)
	vkeys["w1 under another name"] = vkey("witness.example/other", first.typedKey(4))
	vkeys["w1 as a signer of notes"] = vkey(first.name, first.typedKey(1))
	vkeys["log under another name"] = vkey("example.org/pawl/other", logTypedKey(logKey))

	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	check(err)
	write(root, "cosigned/checkpoint", signed)
	write(root, "cosigned/300-of-600.tlog-proof", append([]byte(proof), signed...))
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(map[string]interface{}{"first_time": cosignedAt + 1, "vkeys": vkeys,
		"lines": lines}))
	write(root, "cosigned/witnesses.json", out.Bytes())
}

func logTypedKey(logKey string) []byte {
	typed, err := base64.StdEncoding.DecodeString(strings.SplitN(logKey, "+", 3)[2])
	check(err)
	return typed
}
