#include "support/tools/bad_web_server.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include <signal.h>

namespace recentd::test {
namespace {

constexpr std::size_t k_content_bytes = 3'000'000;

// Serves the files of a directory, where there is one, as a good server does, but for what the rules say;
// else made-up files: the file is 3,000,000 bytes, unless a name says otherwise. What begins with `cut`
// breaks after so many bytes.
constexpr const char* k_script = R"perl(
use strict; use IO::Socket::INET; use IO::Handle; use POSIX 'strftime'; use Compress::Zlib 'memGzip';
$| = 1; $SIG{CHLD} = 'IGNORE'; $SIG{PIPE} = sub { exit };
my ($log, $root) = @ARGV;
my $content = length $root ? '' : join('', map { sprintf "%09d\n", $_ } 0 .. 299999);
my $old = 'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT'; my $date = 'Date: Mon, 07 Nov 1994 08:49:37 GMT';
my $socket = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die;
print $socket->sockport, "\n";
sub say_all { my ($s, $t) = @_; my $at = 0; while ($at < length $t) { my $n = syswrite $s, $t, 65536, $at; exit unless $n; $at += $n } }
sub answer { my ($s, $status, $body, @head) = @_; say_all($s, join("\r\n", "HTTP/1.1 $status x", $date, @head, '', '') . $body) }
sub full { my ($s, $body, @head) = @_; answer($s, 200, $body, 'Content-Length: ' . length $body, @head) }
sub rule {
  my $name = shift;
  open my $rules, '<', "$log.rules" or return '';
  while (<$rules>) { chomp; my ($how, $pattern) = split / /, $_, 2; return $how if $name =~ /$pattern/ }
  return '';
}
sub bytes_of { my ($file, $at, $count) = @_; open my $in, '<:raw', $file or exit; seek $in, $at, 0; read $in, my $bytes, $count; return $bytes }
sub endless { my $s = shift; my $chunk = "10000\r\n@{['x' x 65536]}\r\n"; answer($s, 200, '', 'Transfer-Encoding: chunked'); say_all($s, $chunk) while 1 }
sub count { open my $out, '>>', "$log.bytes"; syswrite $out, "@_\n" }
# A file of the directory, and how it is served by a rule, if there is one for it.
sub serve_file {
  my ($s, $name, $head, $range) = @_;
  $name =~ s/%([0-9A-F]{2})/chr hex $1/ge;
  my $how = rule($name);
  my $place = $how =~ /^from=(.*)/ ? $1 : $root;
  my $file = $how =~ /^other=(.*)/ ? "$root/$1" : "$place/$name";
  return full($s, '<html>user and password, please</html>', 'Content-Type: text/html') if $how eq 'page';
  return answer($s, 503, '', 'Content-Length: 0') if $how eq 'busy';
  return answer($s, 429, '', 'Retry-After: 1', 'Content-Length: 0') if $how eq 'storm';
  return full($s, memGzip("\0" x 64_000_000), 'Content-Encoding: gzip') if $how eq 'bomb';
  endless($s) if $how eq 'endless';
  return answer($s, 404, '', 'Content-Length: 0') unless -f $file;
  my ($size, $time) = (stat $file)[7, 9];
  my $tag = $how eq 'tag' ? '"same"' : qq("$size-$time");
  my @words = (strftime('Date: %a, %d %b %Y %H:%M:%S GMT', gmtime(time - ($how eq 'late' ? 7290 : 0))), "ETag: $tag");
  push @words, strftime('Last-Modified: %a, %d %b %Y %H:%M:%S GMT', gmtime $time) unless $how eq 'tag';
  my ($known) = $head =~ /^If-None-Match: (.*?)\r?$/im;
  return say_all($s, join("\r\n", 'HTTP/1.1 304 x', @words, '', '')) if ($known // '') eq $tag;
  my ($condition) = $head =~ /^If-Range: (.*?)\r?$/im;
  my ($from, $to) = $range =~ /^bytes=(\d+)-(\d*)/;
  undef $from if defined $from && (($condition // $tag) ne $tag || $from >= $size);
  my @more = ($from // 0, defined $from && length $to && $to < $size ? $to : $size - 1);
  my $length = $more[1] + 1 - $more[0];
  push @words, "Content-Range: bytes $more[0]-$more[1]/$size" if defined $from;
  my $text = join "\r\n", 'HTTP/1.1 ' . (defined $from ? 206 : 200) . ' x', @words, 'Content-Length: ' . $length, '', '';
  $text =~ s/Content-Length: \d+/Content-Length: 1000000000000/ if $how eq 'huge';
  my $cut = $how =~ /^cut=(\d+)/ ? $1 : $how eq 'cut' ? int($length / 2) : undef;
  $cut = undef if defined $cut && $cut >= $length;
  my $part = bytes_of($file, $more[0], $cut // $length);
  substr($part, length($part) / 2, 1) ^= "\1" if $how eq 'forged' && length $part;
  count(length $part);
  say_all($s, $text . $part);
  exit if defined $cut || $how eq 'huge' || length $part < $length;
}
sub serve {
  my ($s, $name, $head, $range) = @_;
  return serve_file(@_) if length $root;
  my ($from, $to) = $range =~ /^bytes=(\d+)-(\d*)/;
  my $whole = length $content;
  my $end = length($to // '') ? $to : $whole - 1;
  my $part = defined $from ? substr $content, $from, $end - $from + 1 : $content;
  my $of = sub { sprintf 'Content-Range: bytes %d-%d/%d', $_[0], $_[1], $_[2] };
  my $rest = $of->($from // 0, $end, $whole);
  my @same = ($old, 'ETag: "one"');
  return full($s, "small\n", @same) if $name eq 'good';
  return full($s, '<html>log in</html>', 'Content-Type: text/html') if $name eq 'login.form';
  return answer($s, 302, '', 'Location: /login.form', 'Content-Length: 0') if $name eq 'login';
  return answer($s, 302, '', 'Location: /loop', 'Content-Length: 0') if $name eq 'loop';
  return answer($s, 302, '', 'Location: http://localhost.invalid/good', 'Content-Length: 0') if $name eq 'elsewhere';
  return answer($s, 302, '', 'Location: file:///etc/passwd', 'Content-Length: 0') if $name eq 'to-file';
  return answer($s, 302, '', 'Location: good', 'Content-Length: 0') if $name eq 'moved';
  return answer($s, 301, '', 'Location: /directory/', 'Content-Length: 0') if $name eq 'directory';
  return full($s, 'garbage', 'Content-Encoding: gzip') if $name eq 'gzip';
  return answer($s, 200, 'abc', 'Content-Length: -3') if $name eq 'negative';
  return answer($s, 200, 'abc', 'Content-Length: 3', 'Content-Length: 4') if $name eq 'twice';
  return (answer($s, 200, 'abc', 'Connection: close'), exit) if $name eq 'untold';
  return (answer($s, 200, 'abc', 'Content-Length: 9'), exit) if $name eq 'short';
  return (say_all($s, 'abc'), exit) if $name eq 'ancient';
  return exit if $name eq 'nothing';
  return answer($s, 503, '', 'Retry-After: 77', 'Content-Length: 0') if $name eq 'busy';
  return answer($s, 429, '', 'Content-Length: 0') if $name eq 'storm';
  return answer($s, $1, 'page', 'Content-Length: 4') if $name =~ /^code-(\d+)/;
  if ($name eq 'endless-head') { answer($s, 200, ''); say_all($s, "X: @{['x' x 1000]}\r\n") while 1 }
  if ($name eq 'endless-head-really') { say_all($s, "HTTP/1.1 200 x\r\n"); say_all($s, "X: @{['x' x 1000]}\r\n") while 1 }
  if ($name eq 'endless') { answer($s, 200, '', 'Transfer-Encoding: chunked'); say_all($s, "1000\r\n@{['x' x 4096]}\r\n") while 1 }
  if ($name eq 'silent') { sleep 100; exit }
  # Whatever is asked for comes in pieces of a million bytes, each on a connection of its own.
  if ($name eq 'cut') { (answer($s, defined $from ? 206 : 200, substr($part, 0, 1000000), 'Content-Length: ' . length $part, @same, defined $from ? $rest : ()), exit) if length $part > 1000000 }
  if ($name eq 'cut-anew') { (answer($s, 200, substr($content, 0, 1000000), "Content-Length: $whole", @same), exit) if !defined $from; return full($s, $content, $old, 'ETag: "two"') }
  if ($name eq 'cut-wrong' || $name eq 'cut-416') {
    (answer($s, 200, substr($content, 0, 1000000), "Content-Length: $whole", @same), exit) if !defined $from && !-e "$log.$name" && open my $f, '>', "$log.$name";
    return full($s, $content, @same) if !defined $from;
    return answer($s, 416, '', "Content-Range: bytes */$whole", 'Content-Length: 0') if $name eq 'cut-416';
    return answer($s, 206, 'wrong', 'Content-Length: 5', $of->(0, 4, $whole), @same);
  }
  # Parts of another version, without a look at the condition under which the rest was asked for.
  if ($name eq 'cut-other' || $name eq 'cut-liar') {
    my $other = $content; $other =~ tr/0-9/a-j/;
    (answer($s, 200, substr($content, 0, 1000000), "Content-Length: $whole", @same), exit) if !defined $from && !-e "$log.$name" && open my $f, '>', "$log.$name";
    my @new = $name eq 'cut-liar' ? ('Last-Modified: Sun, 06 Nov 1994 08:49:38 GMT', 'ETag: "one"') : ($old, 'ETag: "two"');
    return full($s, $other, @new) if !defined $from;
    return answer($s, 206, substr($other, $from), 'Content-Length: ' . ($whole - $from), $rest, @new);
  }
  if ($name eq 'cut-always') { answer($s, 200, 'abc', "Content-Length: $whole", @same); exit }
  # Several parts of one file.
  my @long = ('Content-Length: ' . length $part);
  return full($s, $content, @same) if $name eq 'ranges-whole';
  return answer($s, 206, $part, @long, $rest, $old, "ETag: \"$from\"") if $name eq 'ranges-other';
  return answer($s, 206, $part, @long, $of->($from, $end, $whole + 1), @same) if $name eq 'ranges-total';
  return answer($s, 206, $part, @long, $of->($from + 1, $end + 1, $whole), @same) if $name eq 'ranges-shifted';
  return answer($s, 206, "$part-", 'Content-Length: ' . (1 + length $part), $rest, @same) if $name eq 'ranges-long';
  return answer($s, 206, $part, @long, @same) if $name eq 'ranges-untold';
  return answer($s, 206, $part, @long, $rest, @same, 'Content-Encoding: gzip') if $name eq 'ranges-gzip';
  (answer($s, 206, $part, @long, $rest, @same, 'Connection: close'), exit) if $name eq 'ranges-close';
  (answer($s, 206, substr($part, 0, 1 + length($part) / 2), @long, $rest, @same), exit) if $name eq 'ranges-cut';
  (answer($s, 206, '', @long, $rest, @same), exit) if $name eq 'ranges-cut-always';
  return answer($s, 206, $part, 'Content-Length: ' . length $part, $rest, @same) if defined $from && $range !~ /=0-0$/;
  return answer($s, 206, substr($content, 0, 1), 'Content-Length: 1', $of->(0, 0, $whole), @same) if defined $from;
  (full($s, $content, @same, 'Connection: close'), exit) if $name eq 'close';
  full($s, $content, @same);
}
while (my $s = $socket->accept) {
  next if fork;
  $SIG{CHLD} = 'DEFAULT';
  my $bytes = '';
  while (1) {
    while ($bytes !~ /\r\n\r\n/) { sysread($s, $bytes, 65536, length $bytes) or exit }
    my $head = $bytes =~ s/^(.*?)\r\n\r\n//s ? $1 : exit;
    my ($name) = $head =~ m{^GET /(\S*) } or exit;
    my ($range) = $head =~ /^Range: (\S+)/im;
    open my $out, '>>', $log; print $out "$name", defined $range ? " $range" : '', "\n"; close $out;
    serve($s, $name, $head, $range // '');
  }
}
)perl";

}  // namespace

BadWebServer::BadWebServer(const std::string& root) : place_("bad-web") {
  server_ =
      std::make_unique<Program>(std::vector<std::string>{"perl", "-e", k_script, place_.path("log"), root});
  if (!eventually([&] { return !server_->running() || server_->out().ends_with('\n'); }) ||
      !server_->running())
    throw std::runtime_error("the bad web server did not start: " + server_->err());
  port_ = std::stoi(server_->out());
}

BadWebServer::~BadWebServer() {
  ::kill(-server_->pid(), SIGKILL);
}

std::string BadWebServer::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/";
}

void BadWebServer::misbehave(const Rules& rules) const {
  std::string text;
  for (const auto& [pattern, how] : rules) text += how + " " + pattern + "\n";
  // Whoever reads them meanwhile has the rules before or these.
  std::filesystem::rename(place_.write("rules", text), place_.path("log.rules"));
}

std::uint64_t BadWebServer::bytes() const {
  std::istringstream lines(place_.read("log.bytes").value_or(""));
  std::uint64_t sum = 0;
  for (std::uint64_t bytes = 0; lines >> bytes;) sum += bytes;
  return sum;
}

std::string BadWebServer::requests() const {
  return place_.read("log").value_or("");
}

std::string BadWebServer::content() {
  std::string text;
  text.reserve(k_content_bytes);
  for (int i = 0; i < 300'000; ++i) {
    const auto digits = std::to_string(i);
    text += std::string(9 - digits.size(), '0') + digits + "\n";
  }
  return text;
}

}  // namespace recentd::test
