#include "foundation/signer/signer_desk.h"

#include <gtest/gtest.h>

#include "foundation/ect/ect.h"
#include "foundation/keys/signer_wire.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/records/names.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"
#include "tests/support/stepped_clock.h"

namespace pawl::signer {
namespace {

const std::string kIssuer = "spiffe://example.org/pawl/n1";
const std::string kOrigin = "example.org/pawl/n1";
constexpr const char* kHeads = "signer-heads.json";

struct Rig {
  Result<SignerDesk> open() {
    return SignerDesk::open({files, clock, keys, kIssuer, kOrigin, kHeads});
  }
  std::string record() const {
    ect::Claims claims;
    claims.iss = kIssuer;
    claims.aud = {kIssuer + "/ledger"};
    claims.iat = clock.wall().seconds();
    claims.exp = claims.iat + 600;
    claims.jti = *Uuid::parse("019c96f1-2e70-7c4b-9d1a-5f2b8c3d4e5f");
    claims.exec_act = "tool.call";
    claims.ext[names::kExtProfile] = names::kProfileUri;
    const std::string token = *ect::issue(keys.instance_key(), keys.instance_kid(), claims);
    return token.substr(0, token.rfind('.'));
  }
  static std::string head(std::uint64_t size, std::uint8_t byte,
                          const std::string& origin = kOrigin) {
    Digest root{};
    root.fill(byte);
    return ledger::print_head({origin, size, root, {}});
  }

  FaultFiles files;
  SteppedClock clock;
  SeededRandom random;
  Keystore keys = *Keystore::create(files, "keys", random);
};

std::string sign(SignerDesk& desk, WhichKey key, const std::string& text) {
  return desk.answer(print_request({key, false, text}));
}

TEST(SignerDesk, SignsWhatIsWellFormedWithTheKeyThatWasAskedFor) {
  Rig rig;
  Result<SignerDesk> desk = rig.open();
  ASSERT_TRUE(desk) << desk.error().message;
  for (const auto& [which, key, alg, text] :
       {std::tuple{WhichKey::kRecord, rig.keys.instance_key().public_key(), "ES256", rig.record()},
        std::tuple{WhichKey::kLog, rig.keys.log_key().public_key(), "EdDSA", Rig::head(1, 1)}}) {
    const Result<PublicKey> part = parse_public(desk->answer(print_request({which, true, ""})));
    ASSERT_TRUE(part) << part.error().message;
    EXPECT_EQ(part->thumbprint(), key.thumbprint());
    const Result<std::string> signature = parse_signature(sign(*desk, which, text));
    ASSERT_TRUE(signature) << signature.error().message;
    EXPECT_EQ(key.verify(alg, text, *signature), Verdict3::kValid);
  }
  EXPECT_EQ(desk->counters().records, 1u);
  EXPECT_EQ(desk->counters().checkpoints, 1u);
}

TEST(SignerDesk, SaysWhyItDoesNotSign) {
  Rig rig;
  Result<SignerDesk> desk = rig.open();
  for (const std::string& line :
       {sign(*desk, WhichKey::kRecord, "any text"), sign(*desk, WhichKey::kLog, "any text"),
        sign(*desk, WhichKey::kLog, rig.record()), sign(*desk, WhichKey::kRecord, Rig::head(1, 1)),
        desk->answer("not JSON"), desk->answer("{}"), desk->answer(R"({"sign":"record"})"),
        desk->answer(R"({"sign":"vault","text":""})"),
        desk->answer(R"({"sign":"record","public":"record","text":""})")}) {
    const Result<std::string> signature = parse_signature(line);
    ASSERT_FALSE(signature) << line;
    EXPECT_EQ(signature.error().code, Code::kForbidden) << line;
    EXPECT_FALSE(signature.error().message.empty());
  }
  EXPECT_EQ(desk->counters().refused, 9u);
}

TEST(SignerDesk, ARestartRemembersTheHeadsThatWereKept) {
  Rig rig;
  {
    Result<SignerDesk> desk = rig.open();
    ASSERT_TRUE(parse_signature(sign(*desk, WhichKey::kLog, Rig::head(3, 1))));
    ASSERT_TRUE(desk->keep());
    ASSERT_TRUE(desk->keep());
  }
  Result<SignerDesk> desk = rig.open();
  ASSERT_TRUE(desk) << desk.error().message;
  EXPECT_FALSE(parse_signature(sign(*desk, WhichKey::kLog, Rig::head(3, 2))));
  EXPECT_FALSE(parse_signature(sign(*desk, WhichKey::kLog, Rig::head(2, 1))));
  EXPECT_TRUE(parse_signature(sign(*desk, WhichKey::kLog, Rig::head(4, 2))));
}

TEST(SignerDesk, WhateverIsAskedForItStartsAgain) {
  Rig rig;
  std::size_t logs = 0;
  {
    Result<SignerDesk> desk = rig.open();
    ASSERT_TRUE(parse_signature(sign(*desk, WhichKey::kLog, Rig::head(1, 1))));
    for (int number = 2; number <= 2'000; ++number) {
      const std::string name = kOrigin + "/" + std::to_string(number);
      logs += parse_signature(sign(*desk, WhichKey::kLog, Rig::head(1, 1, name))) ? 1 : 0;
    }
    ASSERT_TRUE(desk->keep());
  }
  EXPECT_EQ(logs, Signable::kMostLogs - 1);
  Result<SignerDesk> desk = rig.open();
  ASSERT_TRUE(desk) << desk.error().message;
  EXPECT_TRUE(parse_signature(sign(*desk, WhichKey::kLog, Rig::head(2, 2))));
}

TEST(SignerDesk, NamesThatWouldNotBeReadAgainAreRefusedAtTheStart) {
  Rig rig;
  for (const auto& [bytes, opens] : {std::pair{512u, true}, {513u, false}}) {
    const auto desk = SignerDesk::open(
        {rig.files, rig.clock, rig.keys, kIssuer, std::string(bytes, 'o'), kHeads});
    EXPECT_EQ(desk.has_value(), opens) << bytes;
  }
}

TEST(SignerDesk, HeadsThatDoNotReadAreNotForgotten) {
  for (const char* text :
       {"", "{}", "x", R"({"format":"pawl.signer-heads/2","heads":{}})",
        R"({"format":"pawl.signer-heads/1","heads":{"o":{"size":-1}}})",
        R"({"format":"pawl.signer-heads/1","heads":{"o":{"size":1,"root":"AA=="}}})"}) {
    Rig rig;
    ASSERT_TRUE(write_file(rig.files, kHeads, text));
    const Result<SignerDesk> desk = rig.open();
    ASSERT_FALSE(desk) << text;
    EXPECT_EQ(desk.error().code, Code::kMalformed);
  }
}

}  // namespace
}  // namespace pawl::signer
