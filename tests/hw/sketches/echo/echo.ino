// What comes in goes out, byte by byte, and as a line with its length.
String line;

void setup() {
  Serial.begin(9600);
  while (!Serial) {
  }
  line.reserve(64);
}

void loop() {
  while (Serial.available() > 0) {
    char c = Serial.read();
    if (c != '\n') {
      line += c;
      continue;
    }
    Serial.print(line.length());
    Serial.print(' ');
    Serial.println(line);
    line = "";
  }
}
