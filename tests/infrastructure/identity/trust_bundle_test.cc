// SPIFFE bundles: what is read of them, and how they follow one another.
#include <gtest/gtest.h>

#include <vector>

#include "base/log.h"
#include "infrastructure/identity/bundle_number.h"
#include "infrastructure/identity/bundle_source.h"
#include "tests/infrastructure/identity/desk.h"
#include "tests/support/fault_files.h"
#include "tests/support/made_certificates.h"
#include "tests/support/stepped_clock.h"

namespace pawl::identity {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::MadeCertificate;
using testing::wanted_ca;

const MadeCertificate& authority(int number) {
  static const MadeCertificate made[] = {{wanted_ca("one"), nullptr}, {wanted_ca("two"), nullptr}};
  return made[number];
}

std::string key_entry(int number, const std::string& kid, const std::string& use) {
  const std::string text = jwk(number, kid);
  return json::with_member(text, json::whole(text), "use", json::quote(use));
}

std::string bundle_of(const std::string& entries, const std::string& more = "") {
  return R"({"keys":[)" + entries + "]" + (more.empty() ? "" : "," + more) + "}";
}

std::string numbered(int sequence, const std::string& entries) {
  return bundle_of(entries, "\"spiffe_sequence\":" + std::to_string(sequence));
}

TEST(SpiffeBundle, EachEntryIsForItsUse) {
  const Result<SpiffeBundle> bundle = read_bundle(
      bundle_of(authority(0).bundle_entry() + "," + authority(1).bundle_entry() + "," +
                    key_entry(0, "j", "jwt-svid") + "," + key_entry(1, "w", "wit-svid"),
                R"("spiffe_sequence":9223372036854775807,"spiffe_refresh_hint":60,"x":[])"));
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->authorities.size(), 2U);
  EXPECT_NE(bundle->jwt_keys.find("j"), nullptr);
  EXPECT_EQ(bundle->jwt_keys.find("w"), nullptr);
  EXPECT_NE(bundle->wit_keys.find("w"), nullptr);
  EXPECT_EQ(bundle->wit_keys.find("j"), nullptr);
  EXPECT_EQ(bundle->sequence, 9223372036854775807);
  EXPECT_EQ(bundle->refresh_hint_s, 60);
  EXPECT_EQ(bundle->skipped, 0U);
}

// As the standard asks: what is not understood is ignored, and vouches for nobody.
TEST(SpiffeBundle, WhatIsNotUnderstoodIsSkipped) {
  const MadeCertificate leaf({.sans = "URI:spiffe://partner.example/web"}, &authority(0));
  const std::string key_text = jwk(0, "k");
  const std::string other_key =
      R"("use":"x509-svid",)" + key_text.substr(1, key_text.size() - 2) + ",";
  const std::pair<const char*, std::string> cases[] = {
      {"no use", key_text},
      {"a use of others", key_entry(0, "k", "sig")},
      {"a use in capitals", authority(0).bundle_entry(R"("kty":"EC","use":"X509-SVID",)")},
      {"no certificate", R"({"kty":"EC","use":"x509-svid"})"},
      {"an empty list", R"({"kty":"EC","use":"x509-svid","x5c":[]})"},
      {"no text", R"({"kty":"EC","use":"x509-svid","x5c":[7]})"},
      {"no base64", R"({"kty":"EC","use":"x509-svid","x5c":["?"]})"},
      {"no DER", R"({"kty":"EC","use":"x509-svid","x5c":["AAAA"]})"},
      {"no authority", leaf.bundle_entry()},
      {"another key than it says", authority(0).bundle_entry(other_key)},
      {"a symmetric key", R"({"kty":"oct","k":"AA","use":"jwt-svid","kid":"k"})"},
      {"an unknown kind", R"({"kty":"PQ","use":"jwt-svid","kid":"k"})"},
      {"no object", "7"},
  };
  for (const auto& [name, entry] : cases) {
    const Result<SpiffeBundle> bundle = read_bundle(bundle_of(entry));
    ASSERT_TRUE(bundle) << name << ": " << bundle.error().message;
    EXPECT_EQ(bundle->skipped, 1U) << name;
    EXPECT_EQ(bundle->authorities.size() + bundle->jwt_keys.size() + bundle->wit_keys.size(), 0U)
        << name;
  }
  // Of several certificates the first one is the entry's.
  const std::string two = R"({"kty":"EC","use":"x509-svid","x5c":[")" +
                          base64_encode(authority(0).der()) + R"(",")" +
                          base64_encode(authority(1).der()) + R"("]})";
  EXPECT_EQ(read_bundle(bundle_of(two))->authorities.size(), 1U);
}

TEST(SpiffeBundle, WhatIsNoBundleIsRefused) {
  const std::string twice =
      bundle_of(key_entry(0, "k", "jwt-svid") + "," + key_entry(1, "k", "jwt-svid"));
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"keys":{}})"), twice,
        bundle_of("", R"("spiffe_sequence":-1)"), bundle_of("", R"("spiffe_sequence":1.5)"),
        bundle_of("", R"("spiffe_sequence":"1")"),
        bundle_of("", R"("spiffe_sequence":9223372036854775808)"),
        bundle_of("", R"("spiffe_refresh_hint":"soon")")}) {
    const Result<SpiffeBundle> bundle = read_bundle(text);
    ASSERT_FALSE(bundle) << text;
    EXPECT_EQ(bundle.error().code, Code::kMalformed) << text;
  }
}

class FileBundle : public ::testing::Test {
 protected:
  void write(const std::string& text) {
    ASSERT_TRUE(files_.make_directory("/b"));
    ASSERT_TRUE(write_file(files_, "/b/bundle.json", text));
    clock_.step(seconds(5));
  }
  std::size_t authorities() {
    const auto bundle = source_->bundle();
    return bundle ? bundle->authorities.size() : 0;
  }
  BundleStatus status() {
    BundleStatus out;
    source_->add_to(out);
    return out;
  }

  FaultFiles files_;
  SteppedClock clock_;
  std::shared_ptr<BundleSource> source_ =
      BundleSource::of_file("partner.example", files_, "/b/bundle.json", clock_, hours(24));
};

// Old and new authority side by side, then the new one alone: without a restart.
TEST_F(FileBundle, ARotationIsFollowed) {
  EXPECT_EQ(source_->bundle(), nullptr);
  EXPECT_EQ(status().usable, 0U);
  write(numbered(1, authority(0).bundle_entry()));
  EXPECT_EQ(authorities(), 1U);
  write(numbered(2, authority(0).bundle_entry() + "," + authority(1).bundle_entry()));
  EXPECT_EQ(authorities(), 2U);
  write(numbered(3, authority(1).bundle_entry()));
  EXPECT_EQ(authorities(), 1U);
  write(numbered(4, ""));
  EXPECT_NE(source_->bundle(), nullptr);  // a domain may withdraw everything
  EXPECT_EQ(authorities(), 0U);
  EXPECT_EQ(status().usable, 1U);
}

TEST_F(FileBundle, AnOlderOneDoesNotComeBack) {
  write(numbered(7, authority(0).bundle_entry()));
  EXPECT_EQ(authorities(), 1U);
  const std::string two = authority(0).bundle_entry() + "," + authority(1).bundle_entry();
  for (const std::string& text : {numbered(6, two), bundle_of(two)}) {
    write(text);
    EXPECT_EQ(authorities(), 1U) << text;
  }
  EXPECT_EQ(status().failures, 2U);
  // Not even when the one that is kept has grown too old to count.
  write(numbered(6, two));
  clock_.step(hours(24));
  EXPECT_EQ(source_->bundle(), nullptr);
  write(numbered(7, two));  // the number stayed: whoever withdraws something may have forgotten it
  EXPECT_EQ(authorities(), 2U);
}

TEST_F(FileBundle, ABadOneKeepsTheLastGoodOneForItsTime) {
  write(numbered(1, authority(0).bundle_entry()));
  EXPECT_EQ(authorities(), 1U);
  write("no JSON");
  EXPECT_EQ(authorities(), 1U);
  clock_.step(hours(24) - seconds(20));
  EXPECT_EQ(authorities(), 1U);
  EXPECT_GE(status().age, hours(23));
  clock_.step(seconds(20));
  EXPECT_EQ(source_->bundle(), nullptr);
  EXPECT_EQ(status().usable, 0U);
  EXPECT_GE(status().failures, 3U);
}

TEST_F(FileBundle, ATroubleLastsFromTheFirstFailureUntilABundleIsTaken) {
  EXPECT_FALSE(source_->trouble());  // nobody looked
  source_->refresh();
  ASSERT_TRUE(source_->trouble());
  EXPECT_FALSE(source_->trouble()->counts_until);
  write(numbered(2, authority(0).bundle_entry()));
  source_->refresh();
  EXPECT_FALSE(source_->trouble());
  const WallTime good = clock_.wall();
  write("no JSON");
  source_->refresh();
  const WallTime first = clock_.wall();
  write(numbered(1, authority(0).bundle_entry()));
  source_->refresh();
  const std::optional<BundleTrouble> trouble = source_->trouble();
  ASSERT_TRUE(trouble);
  EXPECT_EQ(trouble->domain, "partner.example");
  EXPECT_EQ(trouble->reason, "bundle: spiffe_sequence went back from 2 to 1");
  EXPECT_EQ(trouble->since, first);  // not the newest failure
  ASSERT_TRUE(trouble->counts_until);
  EXPECT_EQ(*trouble->counts_until, (WallTime{good.us + 86'400'000'000}));
  clock_.step(hours(24));
  source_->refresh();
  EXPECT_FALSE(source_->trouble()->counts_until);
  write(numbered(2, authority(0).bundle_entry()));
  source_->refresh();
  EXPECT_FALSE(source_->trouble());
}

TEST_F(FileBundle, EachNewOneIsToldAndEachReasonOnce) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  for (const std::string& text :
       {numbered(2, authority(0).bundle_entry()), numbered(1, ""), numbered(1, ""),
        numbered(2, authority(0).bundle_entry()), numbered(3, "")}) {
    write(text);
    source_->refresh();
  }
  set_log_sink([](LogLevel, std::string_view) {});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_NE(lines[0].find("\"trust_bundle\""), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("partner.example"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("trust_bundle_not_taken"), std::string::npos) << lines[1];
  EXPECT_NE(lines[1].find("went back from 2 to 1"), std::string::npos) << lines[1];
  EXPECT_NE(lines[2].find("\"trust_bundle\""), std::string::npos) << lines[2];
  EXPECT_NE(lines[3].find("\"sequence\":\"3\""), std::string::npos) << lines[3];
}

TEST_F(FileBundle, OneThatIsAskedForWhatItHasNotLooksAtOnce) {
  write(numbered(1, authority(0).bundle_entry()));
  EXPECT_EQ(authorities(), 1U);
  ASSERT_TRUE(
      write_file(files_, "/b/bundle.json",
                 numbered(2, authority(0).bundle_entry() + "," + authority(1).bundle_entry())));
  clock_.step(seconds(1));
  EXPECT_EQ(authorities(), 1U);
  source_->unknown_key();
  EXPECT_EQ(authorities(), 2U);
}

TEST(UrlBundle, IsFetchedAsOftenAsItSaysWithinBounds) {
  const std::pair<const char*, seconds> cases[] = {{"", seconds(300)},
                                                   {R"("spiffe_refresh_hint":120)", seconds(120)},
                                                   {R"("spiffe_refresh_hint":0)", seconds(30)},
                                                   {R"("spiffe_refresh_hint":86400)", hours(1)}};
  for (const auto& [more, pause] : cases) {
    SteppedClock clock;
    std::vector<std::function<void(Result<std::string>)>> open;
    const Fetch fetch = [&](const std::string&, auto done) { open.push_back(std::move(done)); };
    const auto source =
        BundleSource::of_url("partner.example", "https://p.example/b", fetch, clock, hours(24));
    ASSERT_TRUE(source);
    ASSERT_EQ(open.size(), 1U) << more;  // with the source
    open.back()(bundle_of(authority(0).bundle_entry(), more));
    clock.step(pause - seconds(1));
    (*source)->refresh();
    EXPECT_EQ(open.size(), 1U) << more;
    clock.step(seconds(1));
    (*source)->refresh();
    EXPECT_EQ(open.size(), 2U) << more;
    EXPECT_NE((*source)->bundle(), nullptr) << more;  // which serves meanwhile
  }
}

TEST(UrlBundle, IsOneThatNobodyCanForge) {
  SteppedClock clock;
  const Fetch fetch = [](const std::string&, const auto&) {};
  for (const char* url : {"http://p.example/b", "https://u@p.example/b", "file:///b", "b"}) {
    const auto source = BundleSource::of_url("partner.example", url, fetch, clock, hours(24));
    ASSERT_FALSE(source) << url;
    EXPECT_EQ(source.error().code, Code::kInvalidParams) << url;
  }
}

// Of one URL, over starts of the process; an answer comes at once.
struct KeptNumber {
  Result<std::shared_ptr<BundleSource>> start(const std::string& answer) {
    Result<std::unique_ptr<BundleNumber>> number =
        BundleNumber::open(*files, "/d/trust-bundles", "partner.example");
    if (!number) {
      return fail(number.error());
    }
    const Fetch fetch = [answer](const std::string&, auto done) { done(answer); };
    return BundleSource::of_url("partner.example", "https://p.example/b",
                                admitted(fetch, *std::move(number)), clock, hours(24));
  }
  bool takes(const std::string& answer) {
    const Result<std::shared_ptr<BundleSource>> source = start(answer);
    return source && (*source)->bundle() != nullptr;
  }

  SteppedClock clock;
  std::unique_ptr<FaultFiles> files = std::make_unique<FaultFiles>();
};

TEST(BundleNumber, AnOlderBundleIsRefusedAfterARestart) {
  KeptNumber domain;
  ASSERT_TRUE(domain.files->make_directory("/d"));
  EXPECT_TRUE(domain.takes(bundle_of("")));  // of any number, or none
  EXPECT_TRUE(domain.takes(numbered(7, "")));
  EXPECT_FALSE(domain.takes(numbered(6, "")));
  EXPECT_FALSE(domain.takes(bundle_of("")));
  EXPECT_FALSE(domain.takes("no JSON"));
  EXPECT_TRUE(domain.takes(numbered(7, authority(0).bundle_entry())));
  EXPECT_TRUE(domain.takes(numbered(9, "")));
  EXPECT_FALSE(domain.takes(numbered(8, "")));
  const Result<std::unique_ptr<BundleNumber>> other =
      BundleNumber::open(*domain.files, "/d/trust-bundles", "other.example");
  ASSERT_TRUE(other);
  EXPECT_TRUE((*other)->admit(numbered(1, ""))) << "each domain counts for itself";
}

// Cut at every call in turn: none older than a bundle that was taken is taken afterwards.
TEST(BundleNumber, OutlivesAPowerCut) {
  bool is_cut = true;
  for (std::uint64_t call = 1; is_cut; ++call) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      KeptNumber domain;
      ASSERT_TRUE(make_durable_directory(*domain.files, "/d"));
      domain.files->cut_power_at(domain.files->calls() + call);
      const bool taken = domain.takes(numbered(7, ""));
      is_cut = domain.files->off();
      domain.files = domain.files->power_cut(seed);
      EXPECT_TRUE(!taken || !domain.takes(numbered(6, ""))) << call << ", seed " << seed;
      EXPECT_TRUE(domain.takes(numbered(7, ""))) << call << ", seed " << seed;
    }
  }
}

TEST(BundleNumber, ThatCannotBeKeptIsThatOfNoBundle) {
  KeptNumber domain;
  ASSERT_TRUE(domain.files->make_directory("/d"));
  domain.files->fail_call(FaultFiles::Operation::kSync, 1, FaultFiles::Fault::kIo, true);
  EXPECT_FALSE(domain.takes(numbered(7, "")));
}

TEST(BundleNumber, AFileThatDoesNotReadIsNoStart) {
  KeptNumber domain;
  ASSERT_TRUE(domain.files->make_directory("/d"));
  ASSERT_TRUE(domain.takes(numbered(7, "")));
  const Result<std::vector<std::string>> names = domain.files->list("/d/trust-bundles");
  ASSERT_TRUE(names);
  ASSERT_EQ(names->size(), 1U);
  for (const char* text : {"", "{}", R"({"format":"pawl.trust-bundle-number/1","sequence":1})"}) {
    ASSERT_TRUE(write_file(*domain.files, "/d/trust-bundles/" + names->front(), text));
    const auto source = domain.start(numbered(7, ""));
    ASSERT_FALSE(source) << text;
    EXPECT_EQ(source.error().code, Code::kMalformed) << text;
  }
}

TEST(UrlBundle, AnAnswerAfterTheSourceIsGoneIsDropped) {
  SteppedClock clock;
  std::function<void(Result<std::string>)> open;
  const Fetch fetch = [&](const std::string&, auto done) { open = std::move(done); };
  {
    const auto source =
        BundleSource::of_url("partner.example", "https://p.example/b", fetch, clock, hours(24));
    ASSERT_TRUE(source);
  }
  open(bundle_of(""));
}

TEST_F(FileBundle, GivesEachKindOfItsKeysAsASource) {
  BundleKeys jwt(source_, &SpiffeBundle::jwt_keys), wit(source_, &SpiffeBundle::wit_keys);
  EXPECT_EQ(jwt.keys(), nullptr);
  write(numbered(1, key_entry(0, "j", "jwt-svid")));
  ASSERT_NE(jwt.keys(), nullptr);
  EXPECT_NE(jwt.keys()->find("j"), nullptr);
  EXPECT_EQ(wit.keys(), nullptr);  // none is no set: whoever asks fails closed
}

}  // namespace
}  // namespace pawl::identity
