// A log as its server shows it: checkpoints and tiles, of one history or of a fork of it.
//
// Threading:  the test's thread.
// Example:    ServedLog log;  log.grow(5);  RemoteLog tree(log.get(), 5);
//             ServedLog fork = log;  fork.cut_to(3);  fork.grow(9, "other");
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/remote_log.h"
#include "foundation/ledger/tile_path.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {

class ServedLog : public HashReader {
 public:
  explicit ServedLog(const SigningKey& key, std::string origin = "example.org/log")
      : origin_(std::move(origin)), signer_(*NoteSigner::make(origin_, key)), levels_(1) {}

  // Entries of another `branch` are other entries.
  void grow(std::uint64_t count, const std::string& branch = "") {
    for (; count > 0; --count) {
      levels_[0].push_back(hash_leaf(branch + std::to_string(size())));
    }
    build();
  }
  void cut_to(std::uint64_t size) {
    levels_[0].resize(size);
    build();
  }

  std::uint64_t size() const { return levels_[0].size(); }
  std::string vkey() const { return signer_.vkey(); }
  VerifierKey key() const { return *VerifierKey::parse(vkey()); }
  Digest root(std::uint64_t size) { return *root_at(*this, size); }
  std::string checkpoint(std::uint64_t size) { return checkpoint_of(size, root(size)); }
  std::string checkpoint_of(std::uint64_t size, const Digest& root) const {
    return *signer_.sign(print_head({origin_, size, root, {}}));
  }
  Result<Digest> node(unsigned height, std::uint64_t index) override {
    return levels_.at(height).at(index);
  }

  // What the server answers. Of `shown` entries, or of all.
  RemoteLog::Get get() {
    return [this](const std::string& path) { return answer(path); };
  }
  std::optional<std::uint64_t> shown;
  std::map<std::string, Result<std::string>> lies;  // instead of what is right, by path
  bool has_partial_tiles = true;
  std::vector<std::string> asked;

 private:
  void build() {
    levels_.resize(1);
    while (levels_.back().size() > 1) {
      std::vector<Digest> above;
      for (std::size_t i = 0; i + 1 < levels_.back().size(); i += 2) {
        above.push_back(hash_children(levels_.back()[i], levels_.back()[i + 1]));
      }
      levels_.push_back(std::move(above));
    }
  }
  Result<std::string> answer(const std::string& path) {
    asked.push_back(path);
    if (const auto lie = lies.find(path); lie != lies.end()) {
      return lie->second;
    }
    if (path == "checkpoint") {
      return checkpoint(shown.value_or(size()));
    }
    const Result<TileName> name = parse_tile_path(path);
    if (!name || !name->level || (name->width != kTileWidth && !has_partial_tiles)) {
      return fail(Code::kNotFound, path);
    }
    const unsigned height = *name->level * kTileHeight;
    const std::uint64_t begin = name->index * kTileWidth;
    if (height >= levels_.size() || begin + name->width > levels_[height].size()) {
      return fail(Code::kNotFound, path);
    }
    const auto first = levels_[height].begin() + static_cast<std::ptrdiff_t>(begin);
    return print_hashes(std::vector<Digest>(first, first + name->width));
  }

  std::string origin_;
  NoteSigner signer_;
  std::vector<std::vector<Digest>> levels_;  // complete subtrees, by height
};

}  // namespace pawl::ledger
