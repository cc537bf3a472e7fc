// Tile names, tiles, entry bundles, and the reader of exported bundles.
// Input: a path, then the bytes of a file.
#include "foundation/ledger/tiles.h"

#include "foundation/ledger/bundle_reader.h"
#include "fuzz/support/fuzz.h"
#include "tests/support/fault_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  const auto [path, bytes] = fuzz::parts<2>(fuzz::view(data, size));
  if (const Result<TileName> name = parse_tile_path(path)) {
    FUZZ_CHECK(print_tile_path(*name) == path, "a tile has one name");
    FUZZ_CHECK(name->width >= 1 && name->width <= kTileWidth, "a tile has a width");
    FUZZ_CHECK(!name->level || *name->level < 64, "a tile has a level");
    FUZZ_CHECK(path.find("..") == std::string_view::npos, "no name leads elsewhere");
  }
  const auto entries = parse_bundle(bytes);
  if (entries) {
    FUZZ_CHECK(print_bundle(*entries) == bytes, "a bundle has one form");
  }
  if (const auto hashes = parse_hashes(bytes)) {
    FUZZ_CHECK(print_hashes(*hashes) == bytes, "so has a tile");
  }
  FaultFiles files;
  files.put("b/tile/entries/000.p/3", std::string(bytes));
  std::uint64_t seen = 0;
  const Status read = read_bundles(files, "b", 0, 3, [&](std::uint64_t index, std::string_view e) {
    FUZZ_CHECK(index == seen++ && entries && (*entries)[index] == e, "entries come in order");
    return true;
  });
  FUZZ_CHECK(read.has_value() == (entries && entries->size() == 3), "a bundle has its width");
  FUZZ_CHECK(read || read.error().code == Code::kBadSignature, "a bad one is proven bad");
  return 0;
}
