// The tree of somebody else's log, by the tiles that it serves (C2SP tlog-tiles).
//
// Purpose:    a HashReader for proofs. It believes whatever it is given: only a proof that leads to
//             a signed root says that the tiles were right (roots_of_prefix(),
//             check_consistency()).
// Threading:  one thread; `get` may block.
// Bounds:     a tile is asked for once, whole or as wide as the tree needs it. A proof needs at
// most
//             a few tiles of each of 8 levels, 8 KiB each.
// Errors:     what `get` says (kNotFound: the log has no such tile), kMalformed (not a tile of this
//             width), kInvalidParams (a hash that the tree does not have).
// Not errors: a partial tile that is gone because it is full now: the full one is asked for.
//
// Example:
//   RemoteLog tree([&](const std::string& path) { return fetch(url + "/" + path); }, head.size);
//   Result<Proof> proof = prove_prefix(tree, seen.size, head.size);
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "foundation/ledger/merkle.h"

namespace pawl::ledger {

class RemoteLog : public HashReader {
 public:
  // A resource below the log's URL: "checkpoint", "tile/0/x001/234.p/5".
  using Get = std::function<Result<std::string>(const std::string& path)>;

  RemoteLog(Get get, std::uint64_t size) : get_(std::move(get)), size_(size) {}
  Result<Digest> node(unsigned height, std::uint64_t index) override;

 private:
  using Place = std::pair<unsigned, std::uint64_t>;  // level, index
  Result<const std::vector<Digest>*> tile(Place place);
  Result<std::vector<Digest>> ask(Place place, unsigned width);

  const Get get_;
  const std::uint64_t size_;
  std::map<Place, std::vector<Digest>> tiles_;
};

}  // namespace pawl::ledger
