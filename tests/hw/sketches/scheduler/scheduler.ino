// delay() gives others a turn by yield().
unsigned long turns = 0;

void yield() { turns++; }

void setup() {
  Serial.begin(115200);
  delay(20);
  Serial.println(turns > 5);
}

void loop() {}
