// The Nano's RGB LED lights at LOW.
void setup() {
  digitalWrite(LEDR, HIGH);
  pinMode(LEDR, OUTPUT);
  pinMode(LEDG, OUTPUT);
  digitalWrite(LEDG, HIGH);
  delay(50);
  digitalWrite(LEDR, LOW);
  analogWrite(LEDB, 100);
  delay(50);
  digitalWrite(LEDR, HIGH);
}

void loop() {}
