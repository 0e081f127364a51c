// Text as String: building, comparing, searching, changing, converting.
void setup() {
  Serial.begin(115200);
  String one = "The quick brown";
  String two = one + ' ' + "fox " + 4 + ' ' + 2.5 + String(255, HEX) + String(5, BIN) + String(3.14159, 3);
  Serial.println(two);
  Serial.println(two.length());
  two = String('x') + (byte)7 + -300L + 70000UL;
  two += "end";
  two += 'c';
  two += 12;
  two.concat(F("flash"));
  Serial.println(two);
  Serial.println(one.charAt(4));
  Serial.println(one[99] == 0);
  Serial.println(one.compareTo("The quick") > 0);
  Serial.println(String("apple") < String("banana"));
  Serial.println(one.equalsIgnoreCase("THE QUICK BROWN"));
  Serial.println(one.startsWith("The") && one.endsWith("own") && one.startsWith("quick", 4) && !one.startsWith("quick"));
  Serial.println(one.indexOf('q'));
  Serial.println(one.indexOf("quick", 5));
  Serial.println(one.lastIndexOf('o'));
  Serial.println(one.lastIndexOf("u", 3));
  Serial.println(one.substring(4) + "|" + one.substring(4, 9) + "|" + one.substring(9, 4) + "|" + one.substring(50));
  one.replace("quick", "slow");
  one.replace('w', 'W');
  Serial.println(one);
  one.remove(3, 5);
  Serial.println(one);
  one.remove(5);
  Serial.println(one);
  one.setCharAt(0, 't');
  one.toUpperCase();
  Serial.println(one);
  one.toLowerCase();
  Serial.println(one);
  String padded = " \t spaced \r\n";
  padded.trim();
  Serial.println("[" + padded + "]");
  Serial.println(String("  42abc").toInt() + String("-7").toInt() + String("none").toInt());
  Serial.println(String("1.5e2x").toFloat());
  char buffer[6];
  padded.toCharArray(buffer, sizeof buffer);
  Serial.println(buffer);
  byte bytes[4];
  padded.getBytes(bytes, sizeof bytes, 2);
  Serial.println((char *)bytes);
  Serial.println(padded.reserve(40));
  Serial.println(padded == "spaced" && padded != "Spaced" && padded.equals(String("spaced")));
  String empty;
  Serial.println(empty == "" && empty.length() == 0 && String("").toInt() == 0);
  for (char c : String("abc")) Serial.print((int)c);
  Serial.println();
}

void loop() {}
