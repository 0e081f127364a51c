// String: building, comparing, searching, changing, converting.
void setup() {
  Serial.begin(115200);
  String s = "Hello";
  s += ' ';
  s += 42;
  s += " " + String(1.5f, 3) + String(true ? " yes" : " no");
  Serial.println(s);
  Serial.println(String(255, HEX) + String(5, BIN) + String(-7) + String('x') + 1.25 + 'c' + 10UL);
  Serial.println(s.length());
  Serial.println(s.indexOf("42"));
  Serial.println(s.indexOf('l', 3));
  Serial.println(s.lastIndexOf('e'));
  Serial.println(s.indexOf("absent"));
  Serial.println(s.substring(6, 8).toInt() + 1);
  Serial.println(String("  trim me \n").length());
  String t = "  Trim Me \n";
  t.trim();
  Serial.println("[" + t + "]");
  t.toUpperCase();
  Serial.println(t);
  t.replace("ME", "you and you");
  t.replace('y', 'Y');
  Serial.println(t);
  t.remove(4);
  Serial.println(t);
  Serial.println(t == "TRIM" && t != "trim" && t.equalsIgnoreCase("trim") && t < String("TRIN"));
  Serial.println(t.startsWith("TR") && t.endsWith("IM") && !t.startsWith("RI") && t.startsWith("RI", 1));
  Serial.println(String("3.75").toFloat() * 2);
  char buffer[4];
  s.toCharArray(buffer, sizeof buffer);
  Serial.println(buffer);
  t.setCharAt(0, 'P');
  t[1] = 'l';
  Serial.println(t + t.charAt(2) + (int)t[99]);
  Serial.println(String("a,b,c").substring(2));
  snprintf(buffer, sizeof buffer, "%d", 12345);
  Serial.println(buffer);
}

void loop() {}
