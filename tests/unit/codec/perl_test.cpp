#include <algorithm>

#include <doctest/doctest.h>

#include "sys/process/process.hpp"
#include "unit/codec/samples.hpp"

using namespace recentd;
using namespace recentd::codec;
using namespace recentd::codec::samples;

// The serializers that the reference uses, as Debian packages them, read what we write and write what we
// read.

namespace {

std::string hex(std::string_view bytes) {
  static constexpr std::string_view k_digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += k_digits[static_cast<unsigned char>(c) >> 4];
    out += k_digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string unhex(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return out;
}

// The lines that the perl program prints for this input.
std::vector<std::string> perl(const std::string& program, const std::string& input) {
  sys::SystemProcessRunner runner;
  std::vector<std::string> lines, errors;
  sys::ProcessRequest request;
  request.argv = {"perl", "-e", program};
  request.standard_input = input;
  request.line_limit_bytes = std::size_t{64} << 20;
  request.on_output = [&](std::string_view line) { lines.emplace_back(line); };
  request.on_error = [&](std::string_view line) { errors.emplace_back(line); };
  const auto result = runner.run(request);
  CHECK_MESSAGE(result.ok(), (errors.empty() ? std::string() : errors[0]));
  return lines;
}

// Reads an index in $d and prints each event in hex.
const std::string k_print = R"(
  sub h { my $s = shift; utf8::encode($s) if utf8::is_utf8($s) && $s =~ /[^\x00-\xff]/; unpack("H*", $s) }
  for my $e (@{$d->{recent}}) { print join(" ", map { h($_) } @{$e}{qw(epoch path type)}), "\n" }
)";
const std::string k_load_yaml =
    "use strict; use YAML::Syck; local $/; my $d = YAML::Syck::Load(scalar <STDIN>);";
const std::string k_load_json =
    "use strict; use JSON; local $/; my $d = JSON->new->utf8->decode(scalar <STDIN>);";

std::vector<std::string> events_in_hex(const Index& index) {
  std::vector<std::string> lines;
  for (const auto& row : index.events.rows) {
    lines.push_back(hex(row.epoch().text) + " " + hex(row.path()) + " " + hex(to_string(row.type)));
  }
  return lines;
}

Index many_names() {
  auto names = odd_names();
  std::mt19937 random(23);
  for (int i = 0; i < 3000; ++i) names.push_back(random_name(random));
  return index_of(names);
}

// A perl program that dumps an index of the paths given in hex, one a line.
std::string dumping(const std::string& dump) {
  return R"(use strict; use YAML::Syck; use JSON; $YAML::Syck::SortKeys = 1; binmode STDIN; binmode STDOUT;
    my @p = map { chomp; pack("H*", $_) } <STDIN>; my $n = 1700000000;
    my $d = {meta => {protocol => 1, Producers => {"File::Rsync::Mirror::Recentfile" => "0.0.8"}},
             recent => [map { {epoch => --$n . ".5", path => $_, type => "new"} } @p]};
    print unpack("H*", )" +
         dump + ")";
}

std::string perl_dump(const std::string& dump, const Index& index) {
  std::string input;
  for (const auto& row : index.events.rows) input += hex(row.path()) + "\n";
  const auto lines = perl(dumping(dump), input);
  REQUIRE(lines.size() == 1);
  return unhex(lines[0]);
}

std::vector<std::string> path_list(const Index& index) {
  std::vector<std::string> list;
  for (const auto& row : index.events.rows) list.emplace_back(row.path());
  return list;
}

}  // namespace

TEST_SUITE("codec::perl") {
  TEST_CASE("YAML::Syck reads exactly the events that we write") {
    const auto index = many_names();
    const auto lines = perl(k_load_yaml + k_print, encode(Format::yaml, index.meta, index.events));
    CHECK(lines == events_in_hex(index));
  }

  TEST_CASE("JSON reads exactly the events that we write") {
    const auto index = many_names();
    const auto lines = perl(k_load_json + k_print, encode(Format::json, index.meta, index.events));
    CHECK(lines == events_in_hex(index));
  }

  TEST_CASE("what YAML::Syck dumps is read back and written alike") {
    auto index = many_names();
    // Syck loses a CR at the end of a plain scalar: nobody can read that back.
    auto& rows = index.events.rows;
    rows.erase(
        std::remove_if(rows.begin(), rows.end(),
                       [](const auto& row) { return row.path().find('\r') != std::string_view::npos; }),
        rows.end());
    const auto text = perl_dump("YAML::Syck::Dump($d)", index);
    const auto read = read_yaml(text);
    CHECK(path_list(read) == path_list(index));
    CHECK(path_list(read_yaml(text, YamlPath::block_only)) == path_list(index));
  }

  TEST_CASE("Syck's spelling is ours but for CR and bytes that are no UTF-8") {
    const auto index = many_names();
    const auto text = perl_dump("YAML::Syck::Dump([map { $_->{path} } @{$d->{recent}}])", index);
    std::size_t differing = 0;
    std::string ours = "--- \n";
    for (const auto& row : index.events.rows) ours += "- " + yaml_scalar(row.path()) + "\n";
    const auto theirs_lines = split(text, '\n'), our_lines = split(ours, '\n');
    // Texts with line feeds take several lines in Syck's single quotes, so lines are compared as sets.
    std::vector<std::string_view> known(our_lines.begin(), our_lines.end());
    std::sort(known.begin(), known.end());
    for (const auto line : theirs_lines) {
      const bool deviates = line.find('\r') != std::string_view::npos || !is_utf8(line);
      if (deviates || std::binary_search(known.begin(), known.end(), line)) continue;
      ++differing;
    }
    CHECK(theirs_lines.size() > 3000);
    CHECK(differing < theirs_lines.size() / 100);
  }

  TEST_CASE("what JSON dumps is read back") {
    const auto index = many_names();
    const auto text = perl_dump("JSON->new->utf8->encode($d)", index);
    CHECK(path_list(decode(Format::json, sys::bytes_from(text))) == path_list(index));
    const auto pretty = perl_dump("JSON->new->utf8->pretty->ascii->encode($d)", index);
    CHECK(path_list(decode(Format::json, sys::bytes_from(pretty))) == path_list(index));
  }

  TEST_CASE("a meta part with every key is read by Perl as it was written") {
    auto index = read_yaml(data_file("extensions.yaml"));
    index.meta.comment = " odd: \xE9 ";
    const std::string program = k_load_yaml + R"(
      my $m = $d->{meta}; print join(" ", unpack("H*", $m->{comment}), $m->{"X-Count"}, $m->{Signature}{keys}[1],
        ref($m->{zz_unknown}), scalar(@{$d->{Alpha}}), $d->{Alpha}[2]{k}, $d->{zulu}), "\n")";
    CHECK(perl(program, encode(Format::yaml, index.meta, index.events)) ==
          std::vector<std::string>{"206f64643a20e920 12 d: e HASH 3 v last"});
  }

  TEST_CASE("Storable and Data::Dumper read exactly the events that we write") {
    const auto index = many_names();
    const std::string storable =
        "use strict; use Storable; local $/; my $d = Storable::thaw(scalar <STDIN>);";
    CHECK(perl(storable + k_print, encode(Format::storable, index.meta, index.events)) ==
          events_in_hex(index));
    const std::string dumper = "use strict; local $/; my $d = eval('+' . scalar <STDIN>) or die $@;";
    CHECK(perl(dumper + k_print, encode(Format::dumper, index.meta, index.events)) == events_in_hex(index));
  }

  TEST_CASE("every image that Storable makes is read back") {
    const auto index = many_names();
    for (const char* dump : {"freeze($d)", "nfreeze($d)", "stored(store => $d)", "stored(nstore => $d)"}) {
      CAPTURE(dump);
      const std::string use =
          "do { use Storable qw(freeze nfreeze store nstore); use File::Temp; sub stored { my $f = "
          "File::Temp->new; Storable->can($_[0])->($_[1], \"$f\"); local $/; open my $h, '<:raw', "
          "\"$f\"; scalar <$h> } ";
      const auto image = perl_dump(use + dump + " }", index);
      CHECK(path_list(decode(Format::storable, sys::bytes_from(image))) == path_list(index));
      CHECK(sniff(image) == Format::storable);
    }
  }

  TEST_CASE("every layout that Data::Dumper has is read back") {
    const auto index = many_names();
    for (const char* settings :
         {"Indent(0)->Terse(1)", "Indent(1)", "Indent(2)", "Indent(3)", "Useqq(1)",
          "Quotekeys(0)->Sortkeys(1)", "Purity(1)", "Useperl(1)", "Trailingcomma(1)"}) {
      CAPTURE(settings);
      const auto text =
          perl_dump(cat("do { use Data::Dumper; Data::Dumper->new([$d])->", settings, "->Dump }"), index);
      CHECK(path_list(decode(Format::dumper, sys::bytes_from(text))) == path_list(index));
      CHECK(sniff(text) == Format::dumper);
    }
  }

  TEST_CASE(
      "Perl's numbers, character strings, blessed and shared parts mean the same in all of its formats") {
    const std::string data =
        R"(use Storable; use Data::Dumper; my $c = "caf\x{e9}"; utf8::upgrade($c); my $w = "\x{20ac}";
      my $t = ["x"]; my $d = {meta => bless({protocol => 1, n => [1, -5, 300, 70000, -70000, 5e9, 1.5, undef], t1 => $t}, "Foo"),
        recent => [{epoch => 1700000000.25, path => $c, type => "new"}, {epoch => 1700000000, path => $w, type => "delete"}]};
      print unpack("H*", )";
    const auto read = [&](Format format, const std::string& dump) {
      const auto lines = perl(data + dump + ")", "");
      REQUIRE(lines.size() == 1);
      return decode(format, sys::bytes_from(unhex(lines[0])));
    };
    const auto expected = read(Format::storable, "Storable::nfreeze($d)");
    CHECK(path_list(expected) == std::vector<std::string>{"caf\xE9", "\xE2\x82\xAC"});
    CHECK(expected.events.rows[0].epoch().text == "1700000000.25");
    CHECK(expected.meta.extras.at("n").items[5].text == "5000000000");
    CHECK(expected.meta.extras.at("n").items[7].is_null());
    CHECK(show(read(Format::storable, "Storable::freeze($d)")) == show(expected));
    CHECK(show(read(Format::dumper, "Data::Dumper->new([$d])->Dump")) == show(expected));
    const auto shared = read(Format::storable,
                             "Storable::freeze(do { $d->{meta}{t2} = $t; "
                             "push @{$d->{recent}}, $d->{recent}[0]; $d })");
    CHECK(shared.meta.extras.at("t2") == shared.meta.extras.at("t1"));
    CHECK(shared.events.rows.size() == 3);
  }
}
