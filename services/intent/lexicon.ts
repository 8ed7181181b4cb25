import { builtinsByAlias } from "#anrf/std/catalogue.ts";
import { stem } from "#platform/words/stem.ts";
import type { Place, Token } from "./phrases/tokens.ts";

/** A builtin that some words suggest: 1 = it is all but named, 0.3 = it often helps. */
export interface LexiconHint extends Place {
  readonly builtin: string;
  readonly weight: number;
}

// phrases => builtins and their weights. Words are compared by stem; "…" stands for at most three other words.
const PHRASES = `
sum | total | add up | add all | add together | summation | accumulat | altogether => list.sum_int:1 list.sum_float:0.5 int.add:0.6 list.fold:0.4 list.sum_decimal:0.2
add | plus | increas | increment | more than before | added to => int.add:0.9 float.add:0.4 list.sum_int:0.2
sum of … digit | digit sum | sum … digit => int.digits:1 list.sum_int:1 int.abs:0.3
running total | cumulativ | running sum | prefix sum | so far | partial sum => list.scan:1 int.add:0.7 list.sum_int:0.4 list.take:0.3
running maximum | rolling maximum | running max | rolling max => list.scan:1 max:0.8
running minimum | running min => list.scan:1 min:0.8
product | multiply all | multiply together => list.product_int:0.9 int.mul:0.7 list.fold:0.4
multiply | time | multiplied | scale => int.mul:0.9 float.mul:0.5
doubl | twic | two time => int.mul:0.9 int.add:0.3 list.map:0.3
tripl | three time | thric => int.mul:0.9 list.map:0.3
half | halv => int.div_floor:0.8 float.div:0.6
squar | squared | to the second power => int.mul:0.8 int.pow:0.8 list.map:0.3
cub | cubed => int.pow:0.8 int.mul:0.7
power | exponent | raised | raise => int.pow:1 float.pow:0.6 list.fold:0.2
square root | sqrt => float.sqrt:1 int.isqrt:0.8
perfect square => int.isqrt:1 int.mul:0.7 eq:0.6
subtract | minus | differenc | decreas | less than before | reduc | decrement | take away | deduct => int.sub:0.9 float.sub:0.4
absolut differenc | differenc between | distanc | apart => int.sub:0.9 int.abs:0.8 float.sub:0.4 float.abs:0.4
absolut | magnitud | without … sign => int.abs:1 float.abs:0.5
divid | quotient | divided by | split evenly | per person | integer division | floor division => int.div_floor:0.9 float.div:0.7
remainder | modulo | mod | modulus | left over | leftover => int.mod_floor:1
divisibl | multiple of | multipl of | divid evenly | factor of | evenly divid => int.mod_floor:1 eq:0.7 list.filter:0.3
divisor | factor | divisors of => int.mod_floor:0.9 list.range:0.9 list.filter:0.8 eq:0.5 list.sum_int:0.2
even | even number => int.mod_floor:1 eq:0.7 list.filter:0.4
odd | odd number | parity => int.mod_floor:1 eq:0.6 ne:0.4 list.filter:0.4
prime | primality => int.mod_floor:0.9 list.range:0.9 list.all:0.7 list.any:0.5 int.mul:0.3 int.isqrt:0.5 gt:0.4
prime factor => int.mod_floor:0.9 int.div_floor:0.8 list.append:0.4
composite => int.mod_floor:0.9 list.range:0.8 list.any:0.7
greatest common | gcd | common divisor | highest common | hcf | coprime | relatively prime | simplify … fraction => int.gcd:1
least common | lcm | lowest common => int.gcd:1 int.mul:0.8 int.div_floor:0.8
factorial => list.range:0.9 list.product_int:1 list.fold:0.5 int.mul:0.7
fibonacci => list.range:0.7 list.fold:0.9 int.add:0.8
negat | opposit | negation | flip … sign | change … sign | invert … sign => int.neg:1 int.sub:0.3 bool.not:0.3
sign of | signum => int.sign:1
positiv | greater than zero | above zero | nonnegativ => gt:0.8 ge:0.4 list.filter:0.3
negativ | below zero | less than zero => lt:0.8 list.filter:0.3
clamp | bound | keep … between | keep … within | not … below | not … abov | cap | capped | within … bound | limit … to | at most … least | between … inclusiv => min:0.9 max:0.9
larger of | bigger of | maximum of two | greater of | whichever … larger | whichever … greater => max:1
smaller of | lesser of | minimum of two | whichever … smaller => min:1
at least | no less than | not less than | or more | minimum of | not below | or abov | or older | or high => ge:0.9 max:0.3 list.filter:0.2
at most | no more than | not more than | or less | up to | not exceed | or fewer | within => le:0.9 min:0.4 list.filter:0.2
greater than | more than | larger than | abov | exceed | over | bigger than | longer than | older than | high than | after => gt:0.9 list.filter:0.2
less than | fewer than | smaller than | below | under | shorter than | younger than | lower than => lt:0.9 list.filter:0.2
equal | same as | identical | match | is exactly | equals | are the same => eq:0.9
not equal | differ | different | unequal | is not | mismatch => ne:0.9 eq:0.3
compar | comparison | order of => compare:0.7 lt:0.4
between | in the rang | in rang | from … to => ge:0.6 le:0.6 lt:0.3 bool.and:0.6 list.range:0.4
threshold | cutoff | limit => gt:0.6 ge:0.5 lt:0.4 le:0.4
maximum | max | largest | highest | biggest | greatest | top | most expensiv | best | peak | latest => list.max:1 max:0.5 list.max_by:0.3 option.get_or:0.4 option.unwrap:0.4
minimum | min | smallest | lowest | least | cheapest | tiniest | earliest => list.min:1 min:0.5 list.min_by:0.3 option.get_or:0.4 option.unwrap:0.4
longest => list.max_by:1 string.length:0.8 list.length:0.5 option.get_or:0.4 list.sort_by:0.2
shortest => list.min_by:1 string.length:0.8 list.length:0.5 option.get_or:0.4
spread | difference … largest … smallest | max minus min | rang of values => list.max:0.8 list.min:0.8 int.sub:0.7
second largest | second highest | second biggest | runner-up => list.sort_desc:0.9 list.distinct:0.6 list.at:0.5 list.get:0.5
second smallest | second lowest => list.sort:0.9 list.distinct:0.6 list.at:0.5 list.get:0.5
top k | k largest | n largest | top n | top three | top two | largest k | first k largest => list.sort_desc:1 list.take:1
k smallest | n smallest | smallest k | lowest k => list.sort:1 list.take:1
averag | mean | arithmetic mean | on averag => list.sum_float:0.9 list.sum_int:0.8 list.length:0.9 float.div:0.9 int.to_float:0.8
median | middle value => list.sort:1 list.length:0.7 int.div_floor:0.7 list.get:0.7
mode | most common | most frequent | most often | commonest => list.tally:1 map.entries:0.8 list.max_by:0.9
variance | standard deviation | deviation => list.sum_float:0.8 float.sub:0.7 float.mul:0.6 float.sqrt:0.6 list.map:0.6 float.div:0.7
percent | percentag | discount | surcharg | interest | tax | vat | % => int.mul:0.7 int.div_floor:0.7 float.mul:0.7 float.div:0.7
ratio | proportion | fraction | share => float.div:0.9 int.to_float:0.6
round | rounded | nearest => float.round_to:0.9 float.round_even:0.8 float.floor:0.3
round down | floor | rounded down | truncat … decimal | whole part | integer part => float.floor:1 int.div_floor:0.7 float.trunc:0.7
round up | ceil | ceiling | rounded up => float.ceil:1 int.div_floor:0.4
decimal place | decimals | two decimal | fraction digits => float.round_to:1 float.to_fixed:0.8
hypotenuse | euclidean | pythagor => float.sqrt:1 float.mul:0.8 float.add:0.8
area | surface => int.mul:0.8 float.mul:0.7
perimeter | circumferenc => int.add:0.7 int.mul:0.7 float.mul:0.4
volum => int.mul:0.8 float.mul:0.7
celsius | fahrenheit | kelvin => float.mul:0.8 float.add:0.6 float.sub:0.6 float.div:0.6 int.mul:0.4
digit | digits of => int.digits:0.9 int.mod_floor:0.4 int.div_floor:0.4 int.to_string:0.4 string.is_digit:0.4
number of digit | how many digit | digit count => int.digits:0.9 list.length:0.8 int.to_string:0.5 string.length:0.5
last digit | unit digit | ones digit => int.mod_floor:1 int.abs:0.4
first digit | leading digit => int.digits:0.9 list.first:0.7
revers … digit | digits revers => int.digits:0.8 list.reverse:0.8 int.to_string:0.6 string.reverse:0.8 int.parse:0.6
binary | base 2 | base two => int.to_base:1 int.parse_base:0.7 int.bit_count:0.3
hexadecimal | hex | octal | base => int.to_base:1 int.parse_base:0.7
bit | set bits | popcount | ones in … binary | number of ones => int.bit_count:0.9 int.bit_and:0.4 int.shift_right:0.3
xor => int.bit_xor:0.9 bool.xor:0.6
bitwise and => int.bit_and:1
bitwise or => int.bit_or:1
shift | bit shift => int.shift_left:0.6 int.shift_right:0.6
power of two => int.bit_count:0.8 int.bit_and:0.8 int.sub:0.4 eq:0.5
rang | from … to | up to | between 1 and | first n | natural number | consecutiv integer | 1 to | one to | numbers from | all integers => list.range:0.9 list.range_step:0.3
count down | countdown => list.range:0.8 list.reverse:0.8 list.range_step:0.7
step | every second | every other | every nth | every kth | every third | alternat | stride | skip => list.step:0.9 list.filter_indexed:0.6 list.enumerate:0.3 int.mod_floor:0.3
count | number of | how many | tally | amount of => list.count:0.9 list.length:0.7 list.filter:0.5 string.count:0.3
length | size | how long | number of element | number of item | how many item => list.length:0.9 string.length:0.7 map.size:0.4
frequenc | frequency | count each | count every | occurrenc | count of each | how often | histogram | number of times | how many time | appear | occur | tally => list.tally:1 list.count:0.6 string.count:0.5 eq:0.4
group | grouped by | bucket | categoriz | by category | classify | partition by => list.group_by:1 map.update:0.4
per | for each | by | keyed by => list.group_by:0.3 map.update:0.2 list.map:0.2 map.map_values:0.2
empty | blank | nothing | no element | no item | is empty => list.is_empty:0.8 string.is_empty:0.7 option.get_or:0.6
first | begin | head | initial | start | lead => list.first:0.8 list.get:0.4 list.take:0.4 string.take:0.3 option.get_or:0.3
last | end | final | tail | rear | trail => list.last:0.8 list.get:0.3 string.take_end:0.4 option.get_or:0.3
nth | kth | at index | at position | index | position n | i-th => list.get:0.8 list.at:0.8 string.at:0.5
first n | first k | first two | first three | first few | prefix of length | leading => list.take:0.9 string.take:0.8
last n | last k | last two | last three | final n | trailing => list.drop:0.7 string.take_end:0.9 list.slice:0.5
without … first | except … first | all but … first | drop … first | remove … first | skip … first | rest => list.drop:0.9 string.drop:0.8
without … last | except … last | all but … last | drop … last | remove … last | chop => list.take:0.8 list.slice:0.6 string.drop_end:0.9
middle | center => list.slice:0.5 list.get:0.6 int.div_floor:0.7 list.length:0.6 string.slice:0.5
slice | sublist | subarray | substring | segment | portion | part of | chunk => list.slice:0.8 string.slice:0.8 list.windows:0.3
half of the list | first half | second half => list.take:0.7 list.drop:0.7 list.length:0.7 int.div_floor:0.7
sort | order | ascend | arrang | alphabetic | alphabetize | lexicograph | sorted | rank => list.sort:1 list.sort_by:0.6
cheapest first | lowest first | smallest first | oldest first | youngest first | longest first | shortest first | best first | worst first | come first => list.sort_by:0.9 list.sort:0.6 list.sort_desc:0.6
descend | decreas order | revers order | largest first | highest first | high to low | biggest first | from largest | newest first => list.sort_desc:1 list.sort:0.5 list.reverse:0.4 list.sort_by:0.4
sort … by | order … by | sorted by | ordered by | arrang … by => list.sort_by:1
is sorted | already sorted | sorted order | non-decreasing | monoton | increasing order => list.sort:0.8 eq:0.7 list.zip:0.3 list.all:0.3 list.windows:0.3
move … to … end | move … end | move … to … front => list.filter:0.8 list.concat:0.8 list.partition:0.5 list.append:0.3
revers | backward | backwards | flip | in reverse | right to left => list.reverse:0.9 string.reverse:0.9
palindrom | reads the same | mirror | same forward => string.reverse:1 list.reverse:0.5 eq:0.9 int.digits:0.3
rotat | circular shift | cyclic => list.drop:0.8 list.take:0.8 list.concat:0.8 int.mod_floor:0.6 list.length:0.5
swap | exchang | interchang => list.swap:0.8 string.swap_case:0.2
shuffl | interleav | alternately => list.zip:0.8 list.flat_map:0.7 list.flatten:0.5
filter | keep | only | select | retain | those that | that are | which are | whose | where | who | pick | extract => list.filter:0.9 list.filter_map:0.2 string.filter_chars:0.3
remov | delet | drop | discard | exclud | without | strip out | eliminat | get rid | omit => list.filter:0.7 list.remove:0.5 string.replace:0.5 ne:0.4 list.difference:0.3 string.filter_chars:0.4 bool.not:0.3
each | every element | every item | every number | element-wise | elementwise | transform | map | apply | for all => list.map:0.8
element-wise | elementwise | pairwise | correspond | same position | same index | position by position | dot product => list.zip:0.9 list.map:0.8
dot product | inner product | weighted sum | scalar product => list.zip:1 list.map:0.8 int.mul:0.8 list.sum_int:0.9 list.sum_float:0.5
index of | position of | where … occur | find … position | at which index | locat => list.index_of:0.8 list.find_index:0.7 string.index_of:0.8 option.get_or:0.5
index | indices | position => list.enumerate:0.6 list.map_indexed:0.5 list.filter_indexed:0.5 list.find_index:0.4
even index | odd index | even position | odd position | even indices | odd indices => list.filter_indexed:0.9 list.step:0.8 list.enumerate:0.5 int.mod_floor:0.6
contain | includ | has | member | present | exist | appear in | is in | belong | found in => list.contains:0.8 string.contains:0.8 map.contains_key:0.4 list.any:0.3
any | some | at least one | there is a | exist => list.any:0.9
all | every | each of => list.all:0.5
none | no | not any => list.any:0.5 bool.not:0.5 list.all:0.4
not | never | isn't | doesn't => bool.not:0.5 ne:0.4
and | both | also | as well as => bool.and:0.3
or | either => bool.or:0.4
exactly one | but not both => bool.xor:0.9
if | otherwis | when | unless | els | depending | except => eq:0.1
duplicat | repeat element | more than onc | appear twic | redundant => list.distinct:0.9 list.tally:0.6 list.length:0.5 gt:0.4
distinct | uniqu | dedup | deduplicat | remove duplicat | without duplicat | no repeat | only onc | different => list.distinct:1 list.length:0.3
unique element | appear onc | exactly onc | only once | non-repeating | not repeat | occurs once => list.tally:0.9 list.count:0.7 eq:0.5 list.filter:0.5
common | in both | intersect | intersection | shared | overlap => list.intersect:1 list.contains:0.7 list.filter:0.5
union | combin | in either => list.concat:0.8 list.distinct:0.8
differenc … list | not in the second | only in the first | missing | in one but not | absent => list.difference:0.9 list.contains:0.5 list.filter:0.5 bool.not:0.4
symmetric differenc => list.difference:1 list.concat:0.9
subset | superset => list.all:0.9 list.contains:0.9
merg | combin | concatenat | append | join … list | put together | followed by => list.concat:0.9 string.concat:0.8 map.merge:0.5 list.append:0.5
append | add … to the end | push | insert at the end | attach => list.append:0.9 string.concat:0.8
prepend | add … to the front | add … beginning | add … start | in front | put … before => list.prepend:0.9 string.concat:0.8 list.concat:0.3
insert => list.insert:0.9 list.splice:0.3
replac | substitut | chang … to | swap … with | turn … into => string.replace:0.9 list.map:0.4 string.replace_first:0.3 list.set:0.3
replace … first | only the first => string.replace_first:0.9
update | overwrit | set … to => list.set:0.6 map.put:0.7 map.update:0.5
flatten | unnest | nested | single list | list of lists => list.flatten:1 list.flat_map:0.5
pair | pairs of | two by two | adjacent | neighbor | neighbour | consecutiv | next to each other | successiv => list.windows:0.8 list.zip:0.8 list.drop:0.6
all pair | every pair | combination | two number … sum | pair … sum | any two | choose => list.combinations:0.8 list.flat_map:0.7 list.any:0.4 list.range:0.3
window | sliding | rolling | k consecutiv | moving => list.windows:1 list.sum_int:0.3
chunk | batch | groups of | blocks of | split … list => list.chunks:0.9
zip | side by side | together with => list.zip:1
enumerat | with … index | together with … position => list.enumerate:0.9 list.map_indexed:0.8
partition | separate … into | split … into two => list.partition:0.9 list.filter:0.6
while | until | as long as | up to the first | before the first | take … until => list.take_while:0.9 list.drop_while:0.6 list.fold_until:0.4
longest run | streak | consecutive equal | run of | run-length | in a row => list.fold:0.9 max:0.5 list.scan:0.4
fold | accumulator | reduce => list.fold:1
repeat | times over | n copies | copies of | duplicate each => list.repeat:0.8 string.repeat:0.9 list.flat_map:0.3
transpos | row … column | column => list.map:0.7 list.range:0.5 list.get:0.7
matrix | grid | diagonal => list.map:0.6 list.get:0.6 list.flatten:0.3 list.enumerate:0.3
row sum | sum of each row | each row | sum … row => list.map:0.9 list.sum_int:0.8
at least … char | char long | fewer than … char | more than … char | or more char | number of char | how many char | longer than … char | length of … string | string length => string.length:1
truncat | shorten | cut … to => string.take:1 string.slice:0.6 string.length:0.5
string | text | word | sentenc => string.length:0.1
char | letter | symbol => string.chars:0.7 string.at:0.3
word | sentenc | words in => string.split_whitespace:0.8 string.split:0.6 string.join:0.3
number of word | word count | count … word | how many word => string.split_whitespace:1 list.length:0.9
line | lines of | newline | multi-line => string.lines:0.9 string.split:0.4
split | separat | tokeniz | break … into | comma-separated | delimit | csv | parse … list => string.split:1 string.split_whitespace:0.5 string.trim:0.4
join | glu | combine … words | separated by | with … between | concatenat => string.join:1 string.concat:0.6
concatenat | put … together | followed by | append | attach | add … to the end => string.concat:0.9
uppercas | upper cas | capital letter | upper-case | all caps | shout | capitals => string.to_upper:1 string.is_upper:0.6
lowercas | lower cas | lower-case | small letter => string.to_lower:1 string.is_lower:0.6
capitaliz | first letter … upper | first letter … capital | capital first | initial capital => string.capitalize:1 string.to_upper:0.6 string.take:0.3
titl case | title-case | every word capital | capitalize … each word | capitalize … every word | every word capitaliz | each word capitaliz | words capitaliz => string.title:1 string.capitalize:0.7 string.split:0.4 string.join:0.4
swap case | toggle case | invert case | opposite case | change … case => string.swap_case:1
ignor … cas | case-insensitiv | regardless of case | case insensitive | case does not matter => string.to_lower:1
trim | strip | whitespac | surrounding space | lead … trailing | extra spaces => string.trim:1 string.trim_start:0.3 string.trim_end:0.3 string.split_whitespace:0.3
spac | blank | whitespac => string.is_space:0.4 string.split:0.4 string.replace:0.4 string.trim:0.3
pad | zero-padd | left-pad | fill … zeros | fixed width | leading zero | align | two digits => string.pad_start:1 string.pad_end:0.4 int.to_string:0.6
start with | begin with | starts with | prefix | begins with => string.starts_with:1 string.take:0.3
end with | ends with | suffix | ending in | extension => string.ends_with:1 string.take_end:0.3 string.after_last:0.3
before | until the | up to the first | left of | preced => string.before:0.9 string.index_of:0.4 string.split:0.3
after | right of | follow | past the | everything after => string.after:0.9 string.index_of:0.4 string.split:0.3
after the last | file extension | domain | last part | extension of => string.after_last:1 string.after:0.5 string.split:0.4
domain | e-mail | email | host | user name => string.after:0.8 string.before:0.7 string.split:0.5 string.contains:0.3
between … and | inside … bracket | in parenthes | in brackets | enclosed => string.after:0.7 string.before:0.7
vowel => string.contains:0.9 string.chars:0.8 string.filter_chars:0.6 list.count:0.5 string.to_lower:0.5
consonant => string.contains:0.8 string.chars:0.8 string.is_alpha:0.8 bool.not:0.6 list.count:0.5
alphabetic | alphabet | letters only | only letter | is a letter => string.is_alpha:1 string.filter_chars:0.5
numeric | only digit | digit char | all digits | is a digit | contains digits => string.is_digit:1 string.filter_chars:0.5
alphanumeric | letters and digits | letters or digits | punctuation | special char | non-alphanumeric => string.is_alnum:1 string.filter_chars:0.6 bool.not:0.3
punctuation | special | symbol => string.is_alnum:0.8 string.filter_chars:0.7 string.is_space:0.4
anagram | same letters | rearrang => string.chars:0.9 list.sort:0.9 eq:0.8 list.tally:0.4
isogram | no repeated letter | all unique char => list.distinct:0.9 string.chars:0.8 list.length:0.7 eq:0.5
pangram | every letter of the alphabet => list.all:0.8 string.contains:0.8 string.to_lower:0.7
caesar | cipher | shift … letter | rot13 | encod => string.code_points:0.9 string.from_code_points:0.9 int.mod_floor:0.8 string.map_chars:0.6
ascii | unicod | code point | char code | character code | ordinal | alphabet position | position in the alphabet => string.code_points:1 string.from_code_points:0.8
initial | acronym | first letter | first char | abbreviat => string.take:0.9 string.at:0.5 string.split:0.6 string.split_whitespace:0.7 list.map:0.6 string.join:0.6 string.to_upper:0.5
last letter | last char | ends in => string.take_end:0.9
slug | hyphenat | kebab | url-friendly => string.to_lower:0.9 string.replace:0.8 string.join:0.6 string.split:0.5
camel | pascal | snake | snake_case | camelcas | kebab-case | pascalcas => string.split:0.8 list.map:0.7 string.capitalize:0.8 string.join:0.8 string.to_lower:0.5
mask | hide | censor | redact | asterisk => string.repeat:0.9 string.take_end:0.8 string.length:0.6 string.drop_end:0.4
compress | run-length => list.fold:0.8 string.chars:0.6 string.concat:0.4
count … char | count … letter | number of letter | occurrence of … letter | how many letter => string.count:0.8 string.chars:0.6 list.count:0.6
how many times … appear | occurrences of … in | number of occurrence => string.count:0.9 list.count:0.8 eq:0.4
length of … word | word length | long … word | length of each => string.length:0.9 list.map:0.6 string.split_whitespace:0.4
parse | read … number | to a number | to an integer | as a number | convert … string … integer | string to number | numeric value => int.parse:1 float.parse:0.5 option.get_or:0.5
to string | to a string | as a string | convert … number … string | format | print | render | text form | stringify => int.to_string:0.9 float.to_string:0.5 string.concat:0.5 string.join:0.4
key=value | key-value | settings | query string | config => string.split:0.8 string.before:0.6 string.after:0.6 map.from_entries:0.7 list.filter_map:0.4
roman | numeral => list.fold:0.8 string.concat:0.5 string.chars:0.5
version | semver | dotted => string.split:0.8 int.parse:0.8 compare:0.5
time | hh:mm | hour | minut | second | clock | duration => int.div_floor:0.8 int.mod_floor:0.8 string.pad_start:0.5 int.mul:0.5 string.split:0.4 int.parse:0.4
leap year => date.is_leap_year:1 int.mod_floor:0.9 eq:0.7 bool.and:0.6 bool.or:0.6
date | yyyy-mm-dd | iso date | day of | month | year => string.split:0.6 string.slice:0.5 int.parse:0.5 date.parse_iso:0.3
weekday | day of the week | weekend => date.weekday:0.7 int.mod_floor:0.6
day between | days until | days apart => date.days_between:0.9 int.sub:0.5
add … day | days after | days later => date.add_days:0.9 int.add:0.5
dictionary | dict | map | mapping | hash | lookup | object | table of => map.get:0.5 map.entries:0.4 map.put:0.3
look up | lookup | get … by key | value of … key | value for | stored under | find … in the map => map.get:0.9 map.get_or:0.7
default | fall back | fallback | if missing | when absent | otherwise 0 | if not found => map.get_or:0.8 option.get_or:0.8
key | keys of | names in … dictionary => map.keys:0.8 map.contains_key:0.4 map.entries:0.3
value | values of … map | values in … dictionary | total of values => map.values:0.7 map.map_values:0.3
entries | key and value | key-value pair => map.entries:0.9
has key | key … exist | contain … key | key present => map.contains_key:1
invert | swap … keys … values | reverse … dictionary | value to key => map.entries:0.9 map.from_entries:0.9 list.map:0.7
from … pairs | build … map | build … dictionary | make … dict | dictionary from | dictionary out of | create … dictionary | into a dictionary | list of pairs … map | make … dictionary | to a map => map.from_entries:1 list.zip:0.6 list.map:0.4
remov … key | delete … key | without … key => map.remove:0.9 map.filter:0.5
filter … dictionary | entries whose | keep … entries | values above => map.filter:0.9
merge … dictionaries | combine … maps | two dictionaries | merge two map => map.merge:1 map.update:0.4
inventory | stock | cart | order | basket | price list => map.get_or:0.4 map.update:0.4 int.mul:0.4 list.sum_int:0.4 list.fold:0.3
bill | invoice | cost | price | pay | fee | shipping | charge | salary | bonus | wage => int.mul:0.6 int.add:0.5 int.sub:0.3 list.sum_int:0.4 float.mul:0.4
grade | score | tier | bracket | categor | level | rating => ge:0.8 lt:0.4
age | adult | minor | senior => ge:0.7 lt:0.4
triangle | right triangle => int.mul:0.6 int.add:0.6 gt:0.5 bool.and:0.5
coordinat | point | manhattan => int.sub:0.7 int.abs:0.6 int.add:0.5
valid | check digit | checksum | luhn | isbn => int.mod_floor:0.7 string.chars:0.4 int.parse:0.4 list.sum_int:0.5 list.all:0.4
balanced | bracket | parenthes => list.fold:0.8 string.chars:0.7 list.scan:0.4
option | optional | if it exist | or none | or nothing | if any => option.get_or:0.4 option.map:0.4 list.find:0.4
left | remain | rest of | give back | chang back | short of | missing | away from | owe | off => int.sub:0.7 float.sub:0.3
wrap | past midnight | around the clock | cycle => int.mod_floor:0.8 int.sub:0.4
per piece | each cost | apiec | quantity | unit price | hourly | a piece | times the => int.mul:0.8 float.mul:0.4
half of | halve => int.div_floor:0.7 float.div:0.5
on | and up | or over | or longer => ge:0.4
anything below | anyone under | less | fewer => lt:0.5
skip | leave out | leaves out | left out => list.filter:0.6 list.filter_map:0.5
look different | malformed | cannot be read | not a number => list.filter_map:0.7 int.parse:0.6
prefer | tie | ties | on a tie => list.sort_by:0.4 list.min:0.3
inside each | into boxes | into groups | by their | by its | sorted into => list.group_by:0.8 map.update:0.4
followed by | then | exactly … digits => string.starts_with:0.5 string.drop:0.5 string.length:0.5 eq:0.5
diagonal | how far | as the crow flies => float.sqrt:0.9 float.mul:0.7 float.add:0.6
interest | compound | each year | every year | every month => list.fold:0.6 list.range:0.6 int.mul:0.5 int.div_floor:0.5
one after the other | step by step | in turn | keep going | balance after => list.fold:0.7 list.scan:0.4
show | display | write … as | written as => int.to_string:0.6 string.concat:0.6 string.join:0.3
both … and | only if | as long as => bool.and:0.4
everybody else | otherwis | anything els | all others | except for => eq:0.1 ge:0.2 lt:0.2
overlap | touch | intersect => max:0.6 min:0.6 lt:0.5 le:0.5 bool.and:0.6
add … to … map | put into | record => map.put:0.5 map.update:0.4
profit | loss | gain | net => int.sub:0.8 max:0.4 gt:0.3 float.sub:0.3
root | cube root => float.sqrt:0.7 float.pow:0.5 int.isqrt:0.4
zero | zeros | zeroes => eq:0.5 list.filter:0.3 list.count:0.3
perfect number | abundant | amicable | deficient => int.mod_floor:0.9 list.range:0.9 list.filter:0.8 list.sum_int:0.9 eq:0.5 gt:0.4
triangular number | triangular | tetrahedral | pentagonal | hexagonal | nonagonal | octagonal | polygonal => int.mul:0.9 int.div_floor:0.8 int.add:0.7 int.sub:0.5
binomial | ncr | n choose k | ways to choose => int.mul:0.7 int.div_floor:0.7 list.product_int:0.6 list.range:0.6 list.combinations:0.3
arithmetic progression | geometric progression | geometric | harmonic => int.mul:0.5 int.pow:0.5 float.div:0.5 list.range:0.4 int.add:0.4
reciprocal | invers => float.div:0.9 int.to_float:0.4
rectangl | rhombus | trapezium | trapezoid | parallelogram | cuboid | cube => int.mul:0.8 float.mul:0.5 float.div:0.4 int.add:0.3
circl | sphere | cylinder | cone => float.mul:0.9 float.div:0.3 float.pow:0.2
smaller | small => lt:0.5 min:0.4
larger | bigger => gt:0.5 max:0.4
similar | alik => eq:0.5 list.intersect:0.5
rotation => string.concat:0.5 string.drop:0.5 string.take:0.5 list.drop:0.4 list.take:0.4
toggl => string.swap_case:0.6 int.bit_xor:0.6 bool.not:0.3
subsequenc | subarray | sublist | contiguous => list.windows:0.6 list.slice:0.6 list.fold:0.5 max:0.4
opposite sign | same sign => int.mul:0.6 lt:0.6 int.sign:0.6 int.bit_xor:0.5
coin | chang | banknot => int.div_floor:0.7 int.mod_floor:0.7 list.fold:0.4
ascii value | char value => string.code_points:1
palindromic => string.reverse:1 eq:0.8 int.to_string:0.5
closest | near | nearest => int.abs:0.8 int.sub:0.7 list.min_by:0.9 float.abs:0.4
farthest | furthest => int.abs:0.8 int.sub:0.7 list.max_by:0.9
within … of => int.abs:0.7 int.sub:0.7 le:0.6
first … that | first … which | find the first | first element … that | first number … that => list.find:0.9 list.find_index:0.3
regex | pattern => regex.matches:0.5
`;

interface Branch {
  readonly next: Map<string, Branch>;
  readonly hints: { builtin: string; weight: number }[];
}

const branch = (): Branch => ({ next: new Map(), hints: [] });
const GAP = "…";
const WIDEST_GAP = 3;
const NEAR = 40;
const ROOT = read(PHRASES);

function read(table: string): Branch {
  const root = branch();
  for (const line of table.trim().split("\n")) {
    const [left = "", right = ""] = line.split("=>");
    const hints = right
      .trim()
      .split(" ")
      .map((part) => {
        const [builtin = "", weight = "0"] = part.split(":");
        return { builtin, weight: Number(weight) };
      });
    for (const phrase of left.split("|")) {
      let ends = [root];
      for (const word of phrase.trim().split(" ")) {
        // The table has words and stems; a stem of a stem may be shorter.
        const keys = word === GAP ? [GAP] : new Set([word, stem(word)]);
        ends = ends.flatMap((end) => [...keys].map((key) => child(end, key)));
      }
      for (const end of ends) end.hints.push(...hints);
    }
  }
  return root;
}

function child(parent: Branch, key: string): Branch {
  const found = parent.next.get(key) ?? branch();
  parent.next.set(key, found);
  return found;
}

/** Every builtin id that the table names, for a test against the catalogue. */
export function lexiconBuiltins(): ReadonlySet<string> {
  const ids = new Set<string>();
  const pending = [ROOT];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const hint of at.hints) ids.add(hint.builtin);
    pending.push(...at.next.values());
  }
  return ids;
}

interface Match extends Place {
  readonly hints: Branch["hints"];
  readonly words: number;
}

/**
 * The builtins that the words suggest, strongest first, each once, with the words that say it best. A phrase inside a
 * longer one ("sum" in "sum of digits") counts for less.
 */
export function hints(tokens: readonly Token[]): LexiconHint[] {
  const matches: Match[] = [];
  for (const [at, token] of tokens.entries()) {
    follow(tokens, at, at, ROOT, 0, matches);
    matches.push(...named(token));
  }
  const best = new Map<string, LexiconHint>();
  for (const [at, match] of matches.entries()) {
    // Matches stand by their first word, so a longer one around this one is near.
    const near = matches.slice(Math.max(0, at - NEAR), at + NEAR);
    const inside = near.some(
      (other) => other.words > match.words && other.start <= match.start && match.end <= other.end,
    );
    for (const { builtin, weight } of match.hints) {
      const counted = Math.round(weight * (inside ? 0.7 : 1) * 1000) / 1000;
      if ((best.get(builtin)?.weight ?? 0) < counted) {
        best.set(builtin, { builtin, weight: counted, start: match.start, end: match.end });
      }
    }
  }
  return [...best.values()].sort((a, b) => b.weight - a.weight || (a.builtin < b.builtin ? -1 : 1));
}

/** What programmers call a builtin elsewhere: startswith, toUpperCase, `len`. */
function named(token: Token): Match[] {
  if (token.kind !== "word" && token.kind !== "code") return [];
  const name = token.text.replaceAll("`", "").replace(/\(.*$/su, "");
  const found = name.length > 2 ? builtinsByAlias(name) : [];
  if (found.length === 0 || found.length > 3) return [];
  const hints = found.map((builtin) => ({ builtin: builtin.id, weight: token.kind === "code" ? 0.9 : 0.6 }));
  return [{ hints, words: 1, start: token.start, end: token.end }];
}

function follow(
  tokens: readonly Token[],
  from: number,
  at: number,
  node: Branch,
  words: number,
  out: Match[],
): void {
  const first = tokens[from];
  const last = tokens[at - 1];
  if (node.hints.length > 0 && first !== undefined && last !== undefined) {
    out.push({ hints: node.hints, words, start: first.start, end: last.end });
  }
  const token = tokens[at];
  if (token === undefined || token.kind === "line" || token.kind === "string") return;
  const next = node.next.get(token.stem);
  if (next !== undefined) follow(tokens, from, at + 1, next, words + 1, out);
  const gapped = node.next.get(GAP);
  if (gapped === undefined || words === 0) return;
  for (let skip = 0; skip <= WIDEST_GAP; skip += 1) {
    const target = tokens[at + skip];
    if (target === undefined || target.kind === "line" || /^[.;:!?]$/u.test(target.text)) return;
    const beyond = gapped.next.get(target.stem);
    if (beyond !== undefined) follow(tokens, from, at + skip + 1, beyond, words + 1, out);
  }
}
