// Every golden data folder comes to the decisions that stand beside it: those that the program of
// its time came to, in today's names.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "foundation/ledger/scan.h"
#include "gateway/decisions.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

Decisions replay(const std::string& ledger_folder) {
  Decisions out;
  std::uint64_t index = 0;
  const auto scanned = ledger::scan_log(system_files(), ledger_folder, std::nullopt,
                                        [&](const ledger::Batch& batch) -> Result<bool> {
                                          for (const ledger::Frame& frame : batch.frames) {
                                            if (frame.kind == ledger::FrameKind::kEntry) {
                                              out.apply(index++, frame.body.substr(16));
                                            }
                                          }
                                          return true;
                                        });
  EXPECT_TRUE(scanned) << scanned.error().message;
  EXPECT_GT(index, 0u);
  return out;
}

TEST(GoldenFold, EachFolderComesToTheDecisionsOfItsTime) {
  const std::string golden = source_dir() + "/tests/vectors/golden";
  std::size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(golden)) {
    if (!entry.is_directory()) {
      continue;
    }
    const std::string folder = entry.path().string();
    SCOPED_TRACE(folder);
    ++folders;
    const Decisions decisions = replay(folder + "/data/ledger");
    const Result<std::string> expected = read_file(system_files(), folder + "/decisions.json");
    ASSERT_TRUE(expected) << expected.error().message << "\n" << decisions.print();
    EXPECT_EQ(json::canonical(json::parse(decisions.print())->value),
              json::canonical(json::parse(*expected)->value));
    const Result<Decisions> read = Decisions::read(*expected);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->print(), decisions.print());
  }
  EXPECT_GT(folders, 0u);
}

}  // namespace
}  // namespace pawl
